// Streams of events that survive a server that goes and comes back. EventSource cannot send a key, so
// this reads the reply of an ordinary request.
import { ApiError, isGone, send } from "./client";
import { connected } from "./connection";
import { SseParser, type ServerEvent } from "./sse";

export interface Follow {
  signal: AbortSignal;
  /** Returns true when the stream has said all it has to say. */
  onEvent(event: ServerEvent): boolean | void;
  /** The server refused: there will be no more events. */
  onError?(error: unknown): void;
  /** Called with each connection that opens, the first one included. */
  onOpen?(): void;
}

/** Reads events until `signal`, a refusal, or onEvent ends it; reconnects with the last event's id. */
export async function follow(path: string, options: Follow): Promise<void> {
  let lastId = "";
  let wait = 300;
  while (!options.signal.aborted) {
    try {
      const headers: Record<string, string> = { accept: "text/event-stream" };
      if (lastId !== "") headers["last-event-id"] = lastId;
      const reply = await send(path, { headers, signal: options.signal });
      options.onOpen?.();
      for await (const event of read(reply)) {
        wait = 300;
        if (event.id !== "") lastId = event.id;
        if (options.onEvent(event) === true) return;
      }
    } catch (error) {
      if (options.signal.aborted) return;
      const passing = isGone(error) || !(error instanceof ApiError) || error.status === 429 || error.status >= 500;
      if (!passing) return options.onError?.(error);
    }
    await pause(wait, options.signal);
    wait = Math.min(wait * 1.6, 4000);
  }
}

async function* read(reply: Response): AsyncGenerator<ServerEvent> {
  if (!reply.body) return;
  const parser = new SseParser();
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(value);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** Ends early when the server is back. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      end();
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    let away = !connected.peek();
    const end = connected.subscribe((here) => {
      if (here && away) queueMicrotask(done);
      away = !here;
    });
    signal.addEventListener("abort", done, { once: true });
  });
}
