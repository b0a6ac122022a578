// Whether the server answers. Whoever wants to go on when it is back subscribes to `connected`.
import { signal } from "@preact/signals";

export const connected = signal(true);

let probe: ReturnType<typeof setTimeout> | undefined;

/** A reply came. */
export function heard(): void {
  clearTimeout(probe);
  probe = undefined;
  connected.value = true;
}

/** No reply came: asks again until one does. */
export function unheard(): void {
  connected.value = false;
  if (probe === undefined) look(500);
}

function look(wait: number): void {
  probe = setTimeout(async () => {
    try {
      await fetch("/health", { cache: "no-store" });
      return heard();
    } catch {
      // still gone
    }
    look(Math.min(wait * 1.5, 4000));
  }, wait);
}
