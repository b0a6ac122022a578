// What the server says of itself every second, for all views, while the page is visible. Of several windows one
// reads it and tells the others, as each stream takes one of the few connections a browser makes.
import { signal } from "@preact/signals";
import { follow } from "./events";
import type { Status } from "./shapes";
import { whileVisible } from "./visible";

/** undefined until the first one came. */
export const status = signal<Status | undefined>(undefined);

export function watchStatus(): void {
  const others = new BroadcastChannel("tenfold.status");
  others.onmessage = ({ data }) => (status.value = data as Status);
  const read = (stop: AbortSignal) =>
    follow("/api/v1/events", {
      signal: stop,
      onEvent: ({ event, data }) => {
        if (event !== "status") return;
        status.value = JSON.parse(data) as Status;
        others.postMessage(status.value);
      },
    });
  whileVisible((stop) => {
    // Locks exist only on this machine or behind TLS; elsewhere each window reads for itself.
    if (!("locks" in navigator)) return void read(stop);
    navigator.locks.request("tenfold.status", { signal: stop }, () => read(stop)).catch(() => undefined);
  });
}
