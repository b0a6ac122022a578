// Which conversation is open, and what the next new one begins with.
import { effect, signal } from "@preact/signals";
import { ask } from "../api/client";
import type { Ask, Asked, Conversation, ConversationInfo, Generation } from "../api/shapes";
import { kept } from "../kept";
import { go, place } from "../router";
import { orElse } from "./answering";
import { OpenChat } from "./open_chat";

/** undefined: a new conversation that has no message yet. */
export const current = signal<OpenChat | undefined>(undefined);

/** How answers are made: of the open conversation, or of the next new one. */
export interface Manner {
  model: string;
  engine: string;
  system: string | null;
  settings: Generation;
}

const plain: Manner = { model: "", engine: "", system: null, settings: {} };
export const nextManner = signal<Manner>({ ...plain, ...kept.read<Partial<Manner>>("manner", {}) });

export function manner(): Manner {
  return current.value?.info.value ?? (current.value ? plain : nextManner.value);
}

export async function change(part: Partial<Manner>): Promise<void> {
  const chat = current.value;
  if (chat) {
    chat.setInfo(await ask<ConversationInfo>(`/api/v1/conversations/${chat.id}`, { method: "PATCH", body: part }));
  }
  // The next conversation begins with the model that was chosen last; a system message is of its own one.
  const { model, engine } = { ...nextManner.value, ...part };
  nextManner.value = chat ? { ...nextManner.value, model, engine } : { ...nextManner.value, ...part };
  kept.write("manner", nextManner.value);
}

effect(() => {
  const { view, path } = place.value;
  if (view !== "chat") return;
  const id = Number(path[0]);
  const wanted = Number.isInteger(id) && id > 0 ? id : undefined;
  const open = current.peek();
  if (open?.id === wanted && !open?.deleted.peek()) return;
  open?.close();
  current.value = wanted === undefined ? undefined : new OpenChat(wanted);
});

/** Asks in the open conversation, or in a new one, which is opened when the server has taken the question. */
export async function askNow(question: Ask): Promise<Asked> {
  const open = current.value;
  if (open) {
    const asked = await answers(open.id, question);
    open.put(asked.messages, asked.head);
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
