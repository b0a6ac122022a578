import { Icon } from "../ui/icons";
import { Markdown } from "./markdown/markdown";
import { useState } from "preact/hooks";

/** What the model thought before it answered; folded, as it is long and not the answer. */
export function Reasoning({ text, thinking }: { text: string; thinking: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="fold" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="bulb" size={16} />
        {thinking ? "Thinking…" : "Thoughts"}
      </summary>
      {open && <Markdown text={text} growing={thinking} />}
    </details>
  );
}
