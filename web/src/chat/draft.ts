// What was typed and not sent: at once in this browser, a little later on the server.
import { ask } from "../api/client";
import { kept } from "../kept";

const soon = 1200;
const timers = new Map<number, ReturnType<typeof setTimeout>>();

function name(id: number | undefined): string {
  return `draft.${id ?? "new"}`;
}

/** This browser's, else what the server has. */
export function draftOf(id: number | undefined, stored = ""): string {
  return kept.read(name(id), stored);
}

export function keepDraft(id: number | undefined, text: string): void {
  kept.write(name(id), text === "" && id === undefined ? undefined : text);
  if (id === undefined) return;
  clearTimeout(timers.get(id));
  timers.set(
    id,
    setTimeout(() => void store(id, text), soon),
  );
}

async function store(id: number, text: string): Promise<void> {
  timers.delete(id);
  try {
    await ask(`/api/v1/conversations/${id}`, { method: "PATCH", body: { draft: text } });
    if (kept.read(name(id), "") === text) kept.write(name(id), undefined);
  } catch {
    // this browser has it, and the next keystroke tries again
  }
}
