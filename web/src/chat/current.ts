// Which conversation is open, and what the next new one begins with.
import { effect, signal } from "@preact/signals";
import { ask } from "../api/client";
import type { ConversationInfo, Generation } from "../api/shapes";
import { kept } from "../kept";
import { place } from "../router";
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
