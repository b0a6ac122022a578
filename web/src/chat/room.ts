// How much of the model's context the next question would take, asked while it is being written.
import { signal } from "@preact/signals";
import { ask } from "../api/client";
import { status } from "../api/live";
import type { Attachment, PromptSeen } from "../api/shapes";
import { answering, orElse } from "./answering";
import { current } from "./current";

/** undefined: not known. */
export const room = signal<PromptSeen | undefined>(undefined);

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
  if (!chat || chat.running.peek()) return;
  const writing = content.trim() !== "" || attachments.length > 0;
  if (!writing && !loaded()) return;
  timer = setTimeout(() => void count(chat.id, writing ? { content, attachments } : {}), 500);
}

function loaded(): boolean {
  const { model } = answering();
  return status.peek()?.models.some((one) => one.name === model && one.state === "ready") ?? false;
}

async function count(id: number, what: { content?: string; attachments?: Attachment[] }): Promise<void> {
  asking = new AbortController();
  const { signal: stopped } = asking;
  try {
    const seen = await ask<PromptSeen>(`/api/v1/conversations/${id}/prompt`, {
      body: { ...orElse(), ...what, tokens: false },
      signal: stopped,
    });
    if (!stopped.aborted) room.value = seen;
  } catch {
    if (!stopped.aborted) room.value = undefined; // the answer will say what is wrong
  }
}
