// What the user asked, or what a tool answered. Editing a question makes a branch: the old one stays.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Attachment, Message } from "../api/shapes";
import { bytes } from "../format";
import { Button, IconButton } from "../ui/button";
import { Icon } from "../ui/icons";
import { complain } from "../ui/toast";
import { Branches } from "./branches";
import { CopyButton } from "./copy_button";
import { askNow } from "./asking";
import type { Entry, OpenChat } from "./open_chat";

export function Question({ chat, entry }: { chat: OpenChat; entry: Entry }) {
  const message = entry.message.value;
  const [editing, setEditing] = useState(false);
  const tool = message.role === "tool";
  if (editing) return <Editor message={message} onDone={() => setEditing(false)} />;
  return (
    <article class={`question ${tool ? "tool" : ""}`} aria-label={tool ? "Result of a tool" : "You"}>
      <Files attachments={message.attachments} />
      {tool && <p class="small muted">What the tool said</p>}
      {message.content !== "" && <div class="bubble">{message.content}</div>}
      <div class="actions">
        <Branches chat={chat} id={message.id} />
        <CopyButton text={message.content} />
        {!tool && <IconButton icon="pencil" label="Edit" size={16} onClick={() => setEditing(true)} />}
      </div>
    </article>
  );
}

export function Files({ attachments, onRemove }: { attachments: Attachment[]; onRemove?: (at: number) => void }) {
  if (attachments.length === 0) return null;
  return (
    <ul class="files" aria-label="Attached files">
      {attachments.map((file, at) => (
        <li key={at} class="file">
          <Icon name="file" size={16} />
          <span class="ellipsis">{file.name}</span>
          <span class="muted">{bytes(new Blob([file.text]).size)}</span>
          {onRemove && <IconButton icon="close" label={`Remove ${file.name}`} size={14} onClick={() => onRemove(at)} />}
        </li>
      ))}
    </ul>
  );
}

function Editor({ message, onDone }: { message: Message; onDone(): void }) {
  const [text, setText] = useState(message.content);
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    box.current!.focus();
    box.current!.setSelectionRange(text.length, text.length);
  }, []);
  const send = async () => {
    if (text.trim() === "") return;
    setBusy(true);
    try {
      await askNow({ parent: message.parent, content: text, attachments: message.attachments });
      onDone();
    } catch (error) {
      complain(error);
    }
    setBusy(false);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Escape") onDone();
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      void send();
    }
  };
  return (
    <div class="question editing">
      <Files attachments={message.attachments} />
      <textarea
        class="input"
        aria-label="Edit the message"
        rows={Math.min(12, text.split("\n").length + 1)}
        value={text}
        ref={box}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={keys}
      />
      <div class="row">
        <span class="small muted grow">The old message stays as a version of its own.</span>
        <Button kind="quiet" onClick={onDone}>
          Cancel
        </Button>
        <Button kind="primary" busy={busy} onClick={() => void send()}>
          Send
        </Button>
      </div>
    </div>
  );
}
