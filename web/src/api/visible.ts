// Whether somebody can see the page. Browsers keep only six connections to a server for all tabs together, so that
// a page nobody sees must not hold a stream.
import { effect, signal } from "@preact/signals";

const grace = 5000; // milliseconds: a glance at another tab costs no new stream

export const visible = signal(document.visibilityState === "visible");

let timer: ReturnType<typeof setTimeout> | undefined;
document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (document.visibilityState === "visible") visible.value = true;
  else timer = setTimeout(() => (visible.value = false), grace);
});

/** Runs `start` whenever the page becomes visible, and aborts what it began when it no longer is. Returns the end of it. */
export function whileVisible(start: (signal: AbortSignal) => void): () => void {
  return effect(() => {
    if (!visible.value) return;
    const stop = new AbortController();
    start(stop.signal);
    return () => stop.abort();
  });
}
