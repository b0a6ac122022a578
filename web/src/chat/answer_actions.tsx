import type { Message } from "../api/shapes";
import { IconButton } from "../ui/button";
import { Menu } from "../ui/menu";
import { complain } from "../ui/toast";
import { Branches } from "./branches";
import { CopyButton } from "./copy_button";
import { askNow } from "./asking";
import type { OpenChat } from "./open_chat";
import { openWindow } from "./windows";

export function AnswerActions({ chat, message, last }: { chat: OpenChat; message: Message; last: boolean }) {
  const { id, parent } = message;
  return (
    <div class="actions">
      <Branches chat={chat} id={id} />
      <CopyButton text={message.content} />
      <IconButton icon="refresh" label="Answer again" size={16} onClick={() => void askNow({ regenerate: parent }).catch(complain)} />
      <Menu
        label="More for this answer"
        items={[
          { label: "Continue the answer", icon: "forward", disabled: !last, onSelect: () => void askNow({ continue: id }).catch(complain) },
          { label: "Side by side with another…", icon: "columns", onSelect: () => openWindow({ kind: "parity", message: id }) },
          { label: "What the model saw…", icon: "eye", onSelect: () => openWindow({ kind: "xray", parent }) },
        ]}
      />
    </div>
  );
}
