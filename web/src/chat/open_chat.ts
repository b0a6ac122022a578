// One conversation as the server has it, kept up to date by its events. An answer runs in the server, so that
// opening the page again only means to follow again.
import { batch, computed, signal, type Signal } from "@preact/signals";
import { follow } from "../api/events";
import type { Conversation, ConversationInfo, Message, ToolCall } from "../api/shapes";
import { whileVisible } from "../api/visible";
import { Tree } from "./tree";

/** How an answer that runs has come along while this page watched. */
export interface Live {
  tokens: number;
  since: number; // of performance.now()
  now: number;
}

/** How far a prompt is read, in tokens; `read` includes those that did not have to be. */
export interface PromptProgress {
  read: number;
  total: number;
  cached: number;
}

export interface Entry {
  message: Signal<Message>;
  prompt: Signal<PromptProgress | undefined>; // while it is read
  live: Signal<Live | undefined>;
  notice: Signal<string>;
}

interface Delta {
  message: number;
  text?: string;
  reasoning?: string;
  tool_calls?: ToolCall[];
  tokens?: number;
}

export class OpenChat {
  readonly info: Signal<ConversationInfo | undefined> = signal(undefined);
  readonly error: Signal<unknown> = signal(undefined);
  readonly deleted = signal(false);
  private readonly entries = new Map<number, Entry>();
  private tree = new Tree();
  private readonly shape = signal(0); // grows with each new message
  private deltas: Delta[] = [];
  private frame = 0;
  private readonly end: () => void;

  /** Ids of the messages that are shown. */
  readonly branch = computed(() => {
    void this.shape.value;
    return this.tree.branch(this.info.value?.head ?? null);
  });

  /** The answer at the end of the branch while it is being written. */
  readonly running = computed(() => {
    const last = this.branch.value.at(-1);
    const message = last === undefined ? undefined : this.entries.get(last)?.message.value;
    return message?.state === "running" ? message : undefined;
  });

  constructor(readonly id: number) {
    this.end = whileVisible((signal) => {
      void follow(`/api/v1/conversations/${id}/events`, {
        signal,
        onEvent: ({ event, data }) => this.take(event, JSON.parse(data)),
        onError: (error) => {
          this.error.value = error;
        },
      });
    });
  }

  close(): void {
    this.end();
    cancelAnimationFrame(this.frame);
  }

  entry(id: number): Entry | undefined {
    return this.entries.get(id);
  }

  siblings(id: number): readonly number[] {
    void this.shape.value;
    return this.tree.siblings(id);
  }

  childrenOf(id: number): readonly number[] {
    void this.shape.value;
    return this.tree.childrenOf(id);
  }

  leaf(id: number): number {
    return this.tree.leaf(id);
  }

  /** What a reply of the server said. Of messages that events have told of already it may be the older word. */
  put(messages: Message[], head?: number | null): void {
    batch(() => {
      for (const message of messages) if (!this.entries.has(message.id)) this.set(message);
      if (head !== undefined && this.info.value) this.info.value = { ...this.info.value, head };
    });
  }

  setInfo(info: ConversationInfo): void {
    this.info.value = info;
  }

  private take(event: string, data: unknown): boolean {
    if (event === "delta") {
      this.deltas.push(data as Delta);
      this.frame ||= requestAnimationFrame(() => this.flush());
      return false;
    }
    this.flush();
    if (event === "state") this.replace((data as { conversation: Conversation }).conversation);
    else if (event === "conversation") this.info.value = (data as { conversation: ConversationInfo }).conversation;
    else if (event === "message") this.set((data as { message: Message }).message);
    else if (event === "prompt") this.follow(data as PromptProgress & { message: number });
    else if (event === "notice") this.note(data as { message: number; text: string });
    else if (event === "deleted") this.deleted.value = true;
    return event === "deleted";
  }

  private replace(conversation: Conversation): void {
    const { messages, ...info } = conversation;
    batch(() => {
      this.tree = new Tree();
      for (const message of messages) this.set(message);
      this.info.value = info;
      this.shape.value += 1;
    });
  }

  private set(message: Message): void {
    const known = this.entries.get(message.id);
    if (known) known.message.value = message;
    else this.entries.set(message.id, { message: signal(message), prompt: signal(undefined), live: signal(undefined), notice: signal("") });
    if (message.state !== "running" && known) known.live.value = undefined;
    if (!this.tree.has(message.id)) {
      this.tree.add(message);
      this.shape.value += 1;
    }
  }

  private follow({ message, ...progress }: PromptProgress & { message: number }): void {
    const entry = this.entries.get(message);
    if (entry) entry.prompt.value = progress.read < progress.total ? progress : undefined;
  }

  private note({ message, text }: { message: number; text: string }): void {
    const entry = this.entries.get(message);
    if (entry) entry.notice.value = text;
  }

  /** Once a frame, however many came. */
  private flush(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (this.deltas.length === 0) return;
    const deltas = this.deltas;
    this.deltas = [];
    const now = performance.now();
    batch(() => {
      for (const delta of deltas) this.grow(delta, now);
    });
  }

  private grow(delta: Delta, now: number): void {
    const entry = this.entries.get(delta.message);
    if (!entry) return;
    const message = entry.message.peek();
    entry.prompt.value = undefined;
    entry.message.value = {
      ...message,
      content: message.content + (delta.text ?? ""),
      reasoning: message.reasoning + (delta.reasoning ?? ""),
      tool_calls: delta.tool_calls ? [...message.tool_calls, ...delta.tool_calls] : message.tool_calls,
    };
    const live = entry.live.peek() ?? { tokens: 0, since: now, now };
    entry.live.value = { tokens: live.tokens + (delta.tokens ?? 0), since: live.since, now };
  }
}
