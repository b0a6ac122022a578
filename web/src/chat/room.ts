// How much of the model's context the next question would take, asked while it is being written.
import { signal } from "@preact/signals";
import { ask } from "../api/client";
import { status } from "../api/live";
import type { Attachment, ModelStatus, PromptSeen, Status, Tokens } from "../api/shapes";
import { answering, orElse } from "./answering";
import { current, manner } from "./current";

export interface Room {
  used: number; // tokens
  all: number;
  fits: boolean;
  /** The message from which on the conversation would fit; null: none, or all does. */
  from: number | null;
}

/** undefined: not known. */
export const room = signal<Room | undefined>(undefined);

let timer: ReturnType<typeof setTimeout> | undefined;
let asking: AbortController | undefined;

export function forgetRoom(): void {
  clearTimeout(timer);
  asking?.abort();
  room.value = undefined;
}

/** Counting loads the model: done for one that is loaded, or when somebody writes and will need it anyway. */
export function lookForRoom(content: string, attachments: Attachment[]): void {
  clearTimeout(timer);
  asking?.abort();
  const chat = current.peek();
  if (chat?.running.peek()) return;
  const writing = content.trim() !== "" || attachments.length > 0;
  if (!writing && !(chat && loaded(status.peek()))) return;
  const look = (signal: AbortSignal) =>
    chat ? inChat(chat.id, writing ? { content, attachments } : {}, signal) : atFirst(content, attachments, signal);
  timer = setTimeout(() => void count(look), 500);
}

function loaded(now: Status | undefined): ModelStatus | undefined {
  const { model } = answering();
  return now?.models.find((one) => one.name === model && one.state === "ready");
}

async function count(look: (signal: AbortSignal) => Promise<Room | undefined>): Promise<void> {
  asking = new AbortController();
  const { signal: stopped } = asking;
  const found = await look(stopped).catch(() => undefined); // the answer will say what is wrong
  if (!stopped.aborted) room.value = found;
}

async function inChat(id: number, what: { content?: string; attachments?: Attachment[] }, signal: AbortSignal): Promise<Room> {
  const body = { ...orElse(), ...what, tokens: false };
  const seen = await ask<PromptSeen>(`/api/v1/conversations/${id}/prompt`, { body, signal });
  return { used: seen.prompt_tokens, all: seen.context_size, fits: seen.fits, from: seen.first_fitting };
}

/** A new chat is not on the server yet. Its files go before the text, as the server will put them. */
async function atFirst(content: string, attachments: Attachment[], signal: AbortSignal): Promise<Room | undefined> {
  const { model, engine } = answering();
  const { system, settings } = manner();
  const text = [...attachments.map((file) => `${file.name}:\n\`\`\`\n${file.text}\n\`\`\`\n`), content].join("\n");
  const messages = [...(system ? [{ role: "system", content: system }] : []), { role: "user", content: text }];
  const body = {
    model,
    messages,
    ...(engine ? { engine } : {}),
    ...(settings.context_size ? { context_size: settings.context_size } : {}),
  };
  const { count: used } = await ask<Tokens>("/api/v1/tokenize", { body, signal });
  const ready = loaded(status.peek()) ?? loaded(await ask<Status>("/api/v1/status", { signal }));
  return ready && { used, all: ready.context_size, fits: used < ready.context_size, from: null };
}
