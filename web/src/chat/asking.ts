// Questions, answers and branches of the open conversation.
import { signal } from "@preact/signals";
import { ask } from "../api/client";
import type { Ask, Asked, Conversation, ConversationInfo } from "../api/shapes";
import { go } from "../router";
import { orElse } from "./answering";
import { current, nextManner } from "./current";
import { OpenChat } from "./open_chat";

/** How many questions this page has asked: what shows them goes to the end with each. */
export const asks = signal(0);

/** Asks in the open conversation, or in a new one, which is opened when the server has taken the question. */
export async function askNow(question: Ask): Promise<Asked> {
  const open = current.value;
  if (open) {
    const asked = await answers(open.id, question);
    open.put(asked.messages, asked.head);
    asks.value += 1;
    return asked;
  }
  const { messages: _, ...info } = await create();
  const asked = await answers(info.id, question).catch(async (error: unknown) => {
    // A conversation whose first question was refused leaves nothing behind.
    await ask(`/api/v1/conversations/${info.id}`, { method: "DELETE", query: { forever: true } }).catch(() => undefined);
    throw error;
  });
  const chat = new OpenChat(info.id);
  chat.setInfo(info);
  chat.put(asked.messages, asked.head);
  current.value = chat;
  go("chat", [info.id], true);
  return asked;
}

function answers(id: number, question: Ask): Promise<Asked> {
  return ask<Asked>(`/api/v1/conversations/${id}/answers`, { body: { ...orElse(), ...question } });
}

function create(): Promise<Conversation> {
  const { model, engine, system, settings } = nextManner.value;
  const body = { settings, ...(model ? { model, engine: engine || null } : {}), ...(system === null ? {} : { system }) };
  return ask<Conversation>("/api/v1/conversations", { body });
}

export async function showBranch(chat: OpenChat, id: number): Promise<void> {
  const head = chat.leaf(id);
  chat.put([], head);
  chat.setInfo(await ask<ConversationInfo>(`/api/v1/conversations/${chat.id}`, { method: "PATCH", body: { head } }));
}

export async function stopAnswer(id: number): Promise<void> {
  await ask(`/api/v1/answers/${id}`, { method: "DELETE" });
}
