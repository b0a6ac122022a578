// Where the user writes. What is written is kept until the server has taken it.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Attachment } from "../api/shapes";
import { IconButton } from "../ui/button";
import { complain, notify } from "../ui/toast";
import { readFile } from "./attachments";
import { askNow, stopAnswer } from "./asking";
import { current } from "./current";
import { draftOf, keepDraft } from "./draft";
import { Gauge, NoRoom } from "./gauge";
import { Files } from "./question";
import { forgetRoom, lookForRoom } from "./room";
import "./composer.css";

export function Composer() {
  const chat = current.value;
  const stored = chat?.info.value?.draft;
  const [text, setText] = useState(() => draftOf(chat?.id, stored));
  const [files, setFiles] = useState<Attachment[]>([]);
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const running = chat?.running.value;

  useEffect(() => {
    // A draft that came from the server while nothing was typed here.
    if (text === "" && stored) setText(draftOf(chat?.id, stored));
  }, [stored !== undefined]);
  useEffect(() => {
    lookForRoom(text, files);
  }, [text, files, chat, running === undefined, chat?.branch.value.at(-1)]);
  useEffect(() => {
    // Whoever already writes elsewhere, as in the search, goes on there.
    const writing = document.activeElement?.matches("input, textarea");
    if (matchMedia("(hover: hover)").matches && !writing) box.current?.focus();
    return forgetRoom;
  }, []);

  const write = (value: string) => {
    setText(value);
    keepDraft(chat?.id, value);
  };
  const attach = async (list: Iterable<File>) => {
    for (const file of list) {
      const read = await readFile(file);
      if ("refused" in read) notify(read.refused, { kind: "error" });
      else setFiles((before) => [...before, read.attachment]);
    }
    box.current?.focus();
  };
  const send = async () => {
    if (busy || running || (text.trim() === "" && files.length === 0)) return;
    setBusy(true);
    try {
      const before = chat?.id;
      await askNow({ content: text, ...(files.length > 0 ? { attachments: files } : {}) });
      keepDraft(before, "");
      setText("");
      setFiles([]);
    } catch (error) {
      complain(error);
    }
    setBusy(false);
    box.current?.focus();
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      void send();
    } else if (event.key === "Escape" && running) {
      void stopAnswer(running.id).catch(complain);
    }
  };
  return (
    <div class="composer-place">
      <DropTarget onFiles={(list) => void attach(list)} />
      <NoRoom />
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Files attachments={files} onRemove={(at) => setFiles(files.filter((_, one) => one !== at))} />
        <textarea
          ref={box}
          rows={1}
          aria-label="Your message"
          data-content
          placeholder="Ask anything"
          value={text}
          readOnly={busy}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={keys}
          onPaste={(event) => {
            const list = event.clipboardData?.files;
            if (list && list.length > 0) void attach(list);
          }}
        />
        <div class="composer-row">
          <IconButton icon="clip" label="Attach text files" onClick={() => chooser.current?.click()} />
          <input
            ref={chooser}
            type="file"
            multiple
            hidden
            onChange={(event) => {
              void attach([...(event.currentTarget.files ?? [])]);
              event.currentTarget.value = "";
            }}
          />
          <span class="grow" />
          <Gauge text={text} files={files} />
          {running ? (
            <IconButton class="send" icon="stop" label="Stop (Esc)" onClick={() => void stopAnswer(running.id).catch(complain)} />
          ) : (
            <IconButton
              class="send"
              icon="send"
              label="Send (Enter)"
              type="submit"
              disabled={busy || (text.trim() === "" && files.length === 0)}
            />
          )}
        </div>
      </form>
    </div>
  );
}

/** The whole window takes files while some are dragged over it. */
function DropTarget({ onFiles }: { onFiles(files: File[]): void }) {
  const [over, setOver] = useState(false);
  const handler = useRef(onFiles);
  handler.current = onFiles;
  useEffect(() => {
    const stop = new AbortController();
    const listen = <Name extends "dragover" | "dragleave" | "drop">(name: Name, run: (event: WindowEventMap[Name]) => void) =>
      addEventListener(name, run, { signal: stop.signal });
    listen("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    });
    listen("dragleave", (event) => {
      if (!event.relatedTarget) setOver(false);
    });
    listen("drop", (event) => {
      setOver(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      handler.current(files);
    });
    return () => stop.abort();
  }, []);
  return over ? <div class="drop-here">Drop text files to attach them</div> : null;
}
