// What the server says of itself every second, for all views, while the page is visible.
import { effect, signal } from "@preact/signals";
import { follow } from "./events";
import type { Status } from "./shapes";

/** undefined until the first one came. */
export const status = signal<Status | undefined>(undefined);

const visible = signal(document.visibilityState === "visible");
document.addEventListener("visibilitychange", () => {
  visible.value = document.visibilityState === "visible";
});

export function watchStatus(): void {
  effect(() => {
    if (!visible.value) return;
    const stop = new AbortController();
    void follow("/api/v1/events", {
      signal: stop.signal,
      onEvent: ({ event, data }) => {
        if (event === "status") status.value = JSON.parse(data) as Status;
      },
    });
    return () => stop.abort();
  });
}
