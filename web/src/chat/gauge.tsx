// How full the model's context would be, before anything is sent.
import type { Attachment } from "../api/shapes";
import { integer } from "../format";
import { Icon } from "../ui/icons";
import { current } from "./current";
import { room } from "./room";
import { openWindow } from "./windows";

export function Gauge({ text, files }: { text: string; files: Attachment[] }) {
  const seen = room.value;
  if (!seen) return null;
  const content = text.trim() === "" && files.length === 0 ? {} : { content: text, attachments: files };
  const words = `${integer(seen.used)} of ${integer(seen.all)} tokens`;
  const shown = (
    <>
      <meter class="gauge-bar" min={0} max={seen.all} value={Math.min(seen.used, seen.all)} aria-hidden="true" />
      <span class="number">{words}</span>
    </>
  );
  const kind = `gauge ${seen.fits ? "" : "over"}`;
  const title = "How much of the model's context the question takes";
  if (!current.value) {
    return (
      <span class={kind} title={title}>
        {shown}
      </span>
    );
  }
  return (
    <button
      type="button"
      class={kind}
      title={`${title}. Click to see what the model would see.`}
      aria-label={`${words}: see what the model would see`}
      onClick={() => openWindow({ kind: "xray", ...content })}
    >
      {shown}
    </button>
  );
}

export function NoRoom() {
  const seen = room.value;
  if (!seen || seen.fits) return null;
  const over = seen.used - seen.all;
  return (
    <div class="no-room" role="status">
      <Icon name="alert" />
      <p class="grow">
        {over >= 0 ? `This is ${integer(over + 1)} tokens more than the model's context holds. ` : "This leaves no room for an answer. "}
        {seen.from === null
          ? "Shorten the message or its files, or raise the context."
          : "A line in the conversation shows from where on it would fit. Start a new chat, or raise the context."}
      </p>
      <button type="button" class="link" onClick={() => openWindow({ kind: "manner" })}>
        Settings of this chat
      </button>
    </div>
  );
}
