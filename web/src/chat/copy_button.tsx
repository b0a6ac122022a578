import { useState } from "preact/hooks";
import { IconButton } from "../ui/button";
import { notify } from "../ui/toast";
import { copyText } from "../ui/clipboard";

export function CopyButton({ text }: { text: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    if (!(await copyText(text)))
      return void notify("This browser does not let the page copy.", { hint: "Select the text and press Ctrl+C.", kind: "error" });
    setDone(true);
    setTimeout(() => setDone(false), 1600);
  };
  return <IconButton icon={done ? "check" : "copy"} label={done ? "Copied" : "Copy"} size={16} onClick={() => void copy()} />;
}
