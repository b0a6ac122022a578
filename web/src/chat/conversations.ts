// The list of conversations, and what can be done to each of them.
import { effect, signal } from "@preact/signals";
import { ask, send } from "../api/client";
import { connected } from "../api/connection";
import { status } from "../api/live";
import type { Conversation, ConversationInfo, Conversations, ConversationSummary } from "../api/shapes";
import { go } from "../router";
import { complain, notify } from "../ui/toast";
import { current } from "./current";
import { readMarkdown } from "./markdown_import";

const page = 100;

export const listed = signal<ConversationSummary[] | undefined>(undefined);
export const more = signal(false);
export const wanted = signal(""); // the text that is searched for
export const listError = signal<unknown>(undefined);
const shown = signal(page);
let asking: AbortController | undefined;

export async function refreshList(): Promise<void> {
  asking?.abort();
  asking = new AbortController();
  const { signal: stopped } = asking;
  const q = wanted.value.trim();
  try {
    const query = { limit: shown.value, ...(q === "" ? {} : { q }) };
    const found = await ask<Conversations>("/api/v1/conversations", { query, signal: stopped });
    listed.value = found.conversations;
    more.value = found.more;
    listError.value = undefined;
  } catch (error) {
    if (!stopped.aborted) listError.value = error;
  }
}

export function showMore(): void {
  shown.value += page;
}

/** Keeps the list true as long as somebody looks at it. */
export function watchList(): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const end = effect(() => {
    void [status.value?.conversations_revision, wanted.value, shown.value, connected.value];
    clearTimeout(timer);
    timer = setTimeout(() => void refreshList(), listed.peek() ? 150 : 0);
  });
  return () => {
    clearTimeout(timer);
    end();
  };
}

async function patch(id: number, body: object): Promise<void> {
  try {
    const info = await ask<ConversationInfo>(`/api/v1/conversations/${id}`, { method: "PATCH", body });
    if (current.value?.id === id) current.value.setInfo(info);
    await refreshList();
  } catch (error) {
    complain(error);
  }
}

export function rename(id: number, title: string): Promise<void> {
  return patch(id, { title });
}

export function pin(id: number, pinned: boolean): Promise<void> {
  return patch(id, { pinned });
}

export async function remove(id: number, title: string): Promise<void> {
  try {
    await ask(`/api/v1/conversations/${id}`, { method: "DELETE" });
  } catch (error) {
    return complain(error);
  }
  listed.value = listed.value?.filter((one) => one.id !== id);
  if (current.value?.id === id) go("chat");
  notify(`“${title}” is deleted.`, { seconds: 12, action: { label: "Undo", run: () => void restore(id) } });
}

export async function removeForever(id: number): Promise<void> {
  try {
    await ask(`/api/v1/conversations/${id}`, { method: "DELETE", query: { forever: true } });
  } catch (error) {
    complain(error);
  }
}

export async function restore(id: number): Promise<void> {
  try {
    await ask(`/api/v1/conversations/${id}/restore`, { method: "POST" });
    await refreshList();
    go("chat", [id]);
  } catch (error) {
    complain(error);
  }
}

export async function exportAs(id: number, title: string, format: "json" | "markdown"): Promise<void> {
  try {
    const reply = await send(`/api/v1/conversations/${id}/export`, { query: { format } });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await reply.blob());
    link.download = `${fileName(title)}.${format === "json" ? "json" : "md"}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  } catch (error) {
    complain(error);
  }
}

export function fileName(title: string): string {
  const plain = title
    .replace(/[^\p{L}\p{N} _-]+/gu, " ")
    .trim()
    .replace(/\s+/g, " ")
    .slice(0, 60)
    .trim();
  return plain || "conversation";
}

export async function importFile(file: File): Promise<void> {
  try {
    const body = readExport(file.name, await file.text());
    if (!body) {
      const hint = "Choose a file that was exported here, as JSON or Markdown.";
      return void notify(`${file.name} is not a conversation.`, { kind: "error", hint });
    }
    const made = await ask<Conversation>("/api/v1/conversations/import", { body });
    await refreshList();
    go("chat", [made.id]);
  } catch (error) {
    complain(error);
  }
}

function readExport(name: string, text: string): unknown {
  if (/\.(md|markdown)$/i.test(name)) return readMarkdown(text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
