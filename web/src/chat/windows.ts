// Which window lies over the chat.
import { signal } from "@preact/signals";
import type { Attachment } from "../api/shapes";

export type Window =
  | { kind: "deleted" }
  | { kind: "manner" }
  | { kind: "parity"; message: number }
  /** What the model saw before an answer (`parent`: the question), or would see with the draft. */
  | { kind: "xray"; parent?: number | null; content?: string; attachments?: Attachment[] };

export const shownWindow = signal<Window | undefined>(undefined);

export function openWindow(window: Window): void {
  shownWindow.value = window;
}

export function closeWindow(): void {
  shownWindow.value = undefined;
}
