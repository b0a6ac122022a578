// Short notices at the edge of the page, read aloud politely.
import { signal } from "@preact/signals";
import { isGone, worded } from "../api/client";
import { IconButton } from "./button";
import "./toast.css";

interface Toast {
  id: number;
  text: string;
  hint?: string;
  kind: "note" | "error";
  action?: { label: string; run(): void };
}

const toasts = signal<Toast[]>([]);
let lastId = 0;

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Shows a notice for `seconds`; with an action ("Undo") it can be answered. Returns its id. */
export function notify(
  text: string,
  options: { hint?: string; kind?: Toast["kind"]; action?: Toast["action"]; seconds?: number } = {},
): number {
  const { seconds = 7, kind = "note", ...rest } = options;
  const id = ++lastId;
  toasts.value = [...toasts.value.slice(-3), { id, text, kind, ...rest }];
  setTimeout(() => dismiss(id), seconds * 1000);
  return id;
}

/** Says what failed and what to do; for failures that have no place of their own on the page. */
export function complain(error: unknown): void {
  if (isGone(error)) return; // the banner says it
  const { message, hint } = worded(error);
  notify(message, { hint, kind: "error", seconds: 12 });
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <div key={toast.id} class={`toast ${toast.kind}`}>
          <p class="grow">
            {toast.text} {toast.hint && <span class="toast-hint">{toast.hint}</span>}
          </p>
          {toast.action && (
            <button
              type="button"
              class="toast-action"
              onClick={() => {
                dismiss(toast.id);
                toast.action?.run();
              }}
            >
              {toast.action.label}
            </button>
          )}
          <IconButton icon="close" label="Dismiss" size={16} onClick={() => dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
}
