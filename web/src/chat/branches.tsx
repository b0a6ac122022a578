import { IconButton } from "../ui/button";
import { complain } from "../ui/toast";
import { showBranch } from "./asking";
import type { OpenChat } from "./open_chat";

/** "‹ 2 of 3 ›": the other messages that stand in this place. */
export function Branches({ chat, id }: { chat: OpenChat; id: number }) {
  const siblings = chat.siblings(id);
  if (siblings.length < 2) return null;
  const at = siblings.indexOf(id);
  const show = (to: number) => showBranch(chat, siblings[to]!).catch(complain);
  return (
    <span class="branches" role="group" aria-label="Versions">
      <IconButton icon="back" label="Previous version" size={15} disabled={at === 0} onClick={() => void show(at - 1)} />
      <span class="number">
        {at + 1}/{siblings.length}
      </span>
      <IconButton icon="next" label="Next version" size={15} disabled={at === siblings.length - 1} onClick={() => void show(at + 1)} />
    </span>
  );
}
