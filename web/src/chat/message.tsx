// One message of the thread: a question, an answer, or what a tool said.
import { Answer } from "./answer";
import type { OpenChat } from "./open_chat";
import { Question } from "./question";
import "./message.css";

export interface MessageProps {
  chat: OpenChat;
  id: number;
  last: boolean;
  /** The model's context holds the conversation only from here on. */
  cut: boolean;
}

export function MessageView({ chat, id, last, cut }: MessageProps) {
  const entry = chat.entry(id);
  if (!entry) return null;
  const { role } = entry.message.value;
  return (
    <>
      {cut && <p class="cut">What stands above this line would not fit into the model's context</p>}
      {role === "assistant" ? <Answer chat={chat} entry={entry} last={last} /> : <Question chat={chat} entry={entry} />}
    </>
  );
}
