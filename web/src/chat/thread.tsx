// The branch that is shown. Messages come in chunks, of which only those near the window are made, so that a
// conversation of thousands scrolls like a short one.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { IconButton } from "../ui/button";
import { asks } from "./asking";
import { MessageView } from "./message";
import type { OpenChat } from "./open_chat";
import { room } from "./room";
import "./thread.css";

const perChunk = 8;
const guess = 150; // pixels of a message that was never shown
const near = "1600px 0px";

export function Thread({ chat }: { chat: OpenChat }) {
  const scroller = useRef<HTMLDivElement>(null);
  const { atEnd, toEnd } = useEnd(scroller);
  const branch = chat.branch.value;
  const chunks = useMemo(() => inChunks(branch), [branch]);
  useLayoutEffect(toEnd, [chat, chat.info.value === undefined]);
  useLayoutEffect(toEnd, [asks.value]);
  const from = room.value?.fits === false ? room.value.from : null;
  return (
    <div class="thread-box">
      <div class="thread" ref={scroller} role="log" aria-live="off" aria-label="Messages" tabIndex={0}>
        <div class="thread-inner">
          {chunks.map((ids, at) => (
            <Chunk key={ids[0]} scroller={scroller} last={at >= chunks.length - 2}>
              {() => ids.map((id) => <MessageView key={id} chat={chat} id={id} last={id === branch.at(-1)} cut={id === from} />)}
            </Chunk>
          ))}
        </div>
      </div>
      {!atEnd && (
        <div class="to-end">
          <IconButton icon="down" label="To the end" onClick={toEnd} />
        </div>
      )}
      <Announcer chat={chat} />
    </div>
  );
}

function inChunks(ids: number[]): number[][] {
  const made: number[][] = [];
  for (let at = 0; at < ids.length; at += perChunk) made.push(ids.slice(at, at + perChunk));
  return made;
}

interface ChunkProps {
  scroller: { current: HTMLDivElement | null };
  last: boolean;
  children(): preact.ComponentChildren;
}

function Chunk({ scroller, last, children }: ChunkProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState(last);
  const height = useRef(perChunk * guess);
  useEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry) return;
        const busy = ref.current!.contains(document.activeElement); // somebody edits a message here
        if (!entry.isIntersecting && !busy && entry.boundingClientRect.height > 0) height.current = entry.boundingClientRect.height;
        setShown(entry.isIntersecting || busy);
      },
      { root: scroller.current, rootMargin: near },
    );
    observer.observe(ref.current!);
    return () => observer.disconnect();
  }, []);
  const made = shown || last;
  return (
    <div ref={ref} class="chunk" style={{ height: made ? "" : `${height.current}px` }}>
      {made && children()}
    </div>
  );
}

/** Stays at the end while text comes in, until the user scrolls away from it. */
function useEnd(scroller: { current: HTMLDivElement | null }) {
  const [atEnd, setAtEnd] = useState(true);
  const stuck = useRef(true);
  const toEnd = () => {
    const box = scroller.current;
    if (!box) return;
    stuck.current = true;
    box.scrollTop = box.scrollHeight;
  };
  useEffect(() => {
    const box = scroller.current!;
    let before = box.scrollTop;
    const look = () => {
      const distance = box.scrollHeight - box.clientHeight - box.scrollTop;
      if (distance < 40) stuck.current = true;
      else if (box.scrollTop < before - 2) stuck.current = false;
      before = box.scrollTop;
      setAtEnd(stuck.current || distance < 40);
    };
    const grow = new ResizeObserver(() => {
      if (stuck.current) box.scrollTop = box.scrollHeight;
    });
    grow.observe(box);
    grow.observe(box.firstElementChild!);
    box.addEventListener("scroll", look, { passive: true });
    return () => {
      grow.disconnect();
      box.removeEventListener("scroll", look);
    };
  }, []);
  return { atEnd, toEnd };
}

/** Says to those who listen that an answer began and how it ended; reading it out word by word would be noise. */
function Announcer({ chat }: { chat: OpenChat }) {
  const running = chat.running.value?.id;
  const [text, setText] = useState("");
  const before = useRef<number | undefined>(undefined);
  useEffect(() => {
    if (running !== undefined) setText("The answer begins.");
    else if (before.current !== undefined) {
      const ended = chat.entry(before.current)?.message.value;
      setText(ended?.state === "complete" ? `The answer is complete: ${ended.content.slice(0, 300)}` : "The answer ended early.");
    }
    before.current = running;
  }, [running]);
  return (
    <div class="unseen" role="status">
      {text}
    </div>
  );
}
