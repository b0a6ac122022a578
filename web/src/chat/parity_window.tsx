// The same question to two models or engines, side by side, with the first difference marked.
import { useState } from "preact/hooks";
import { choices, engineTitle } from "../api/library";
import type { Message } from "../api/shapes";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { SelectField, Switch } from "../ui/field";
import { ErrorNote } from "../ui/notes";
import { complain } from "../ui/toast";
import { askNow, showBranch, stopAnswer } from "./asking";
import { compare, type Piece } from "./difference";
import { Measured } from "./measured";
import type { Entry, OpenChat } from "./open_chat";
import { closeWindow } from "./windows";

export function ParityWindow({ chat, message }: { chat: OpenChat; message: number }) {
  const versions = chat.siblings(message);
  const [left, setLeft] = useState(message);
  const [right, setRight] = useState(versions.findLast((id) => id !== message));
  const [error, setError] = useState<unknown>();
  const question = chat.entry(message)!.message.peek().parent!;
  const run = async (model: string, engine: string, greedy: boolean) => {
    setError(undefined);
    try {
      const ask = { regenerate: question, model, engine, ...(greedy ? { settings: { temperature: 0 } } : {}) };
      setRight((await askNow(ask)).answer);
    } catch (failure) {
      setError(failure);
    }
  };
  const a = chat.entry(left);
  const b = right === undefined ? undefined : chat.entry(right);
  return (
    <Dialog title="Side by side" size="large" onClose={closeWindow}>
      <div class="stack">
        <Runner onRun={run} busy={b?.message.value.state === "running"} />
        {error !== undefined && <ErrorNote error={error} />}
        <Verdict a={a} b={b} />
        <div class="parity">
          <Side name="Left" chat={chat} id={left} other={b} versions={versions} onChoose={setLeft} />
          <Side name="Right" chat={chat} id={right} other={a} versions={versions} onChoose={setRight} />
        </div>
      </div>
    </Dialog>
  );
}

function Runner({ onRun, busy }: { onRun(model: string, engine: string, greedy: boolean): Promise<void>; busy: boolean }) {
  const all = choices.value;
  const [at, setAt] = useState("0");
  const [greedy, setGreedy] = useState(true);
  const options = all.map(({ model, engine }, one) => ({ value: String(one), label: `${model.name} on ${engineTitle(engine)}` }));
  const chosen = all[Number(at)];
  return (
    <div class="parity-run">
      <div class="grow">
        <SelectField label="Ask this one the same" value={at} options={options} onInput={setAt} />
      </div>
      <Switch label="Always the likeliest token" value={greedy} onInput={setGreedy} />
      <Button kind="primary" busy={busy} disabled={!chosen} onClick={() => chosen && void onRun(chosen.model.name, chosen.engine, greedy)}>
        Ask
      </Button>
    </div>
  );
}

function ended(entry: Entry | undefined): boolean {
  return entry !== undefined && entry.message.value.state !== "running";
}

function Verdict({ a, b }: { a: Entry | undefined; b: Entry | undefined }) {
  if (!a || !b || !ended(a) || !ended(b)) return null;
  const { first } = compare(a.message.value.content, b.message.value.content);
  return (
    <p role="status">
      {first === undefined ? "Both answers are the same, to the last character." : `The first ${first} characters are the same.`}
    </p>
  );
}

interface SideProps {
  name: string;
  chat: OpenChat;
  id: number | undefined;
  other: Entry | undefined;
  versions: readonly number[];
  onChoose(id: number): void;
}

function Side({ name, chat, id, other, versions, onChoose }: SideProps) {
  const entry = id === undefined ? undefined : chat.entry(id);
  if (!entry || id === undefined) return <p class="muted parity-empty">Choose a model above, and its answer comes here.</p>;
  const message = entry.message.value;
  const options = versions.map((version, at) => ({
    value: String(version),
    label: `${at + 1}: ${labelOf(chat.entry(version)!.message.value)}`,
  }));
  const found = other ? compare(message.content, other.message.value.content) : undefined;
  const running = message.state === "running";
  return (
    <section class="parity-side" aria-label={`${name}: ${labelOf(message)}`}>
      <SelectField label={name} value={String(id)} options={options} onInput={(value) => onChoose(Number(value))} />
      <div class="parity-text" tabIndex={0} aria-busy={running}>
        {found && ended(entry) && ended(other) ? <Marked pieces={found.left} first={found.first} /> : message.content}
      </div>
      <Measured message={message} live={entry.live.value} />
      {running ? (
        <Button icon="stop" onClick={() => void stopAnswer(id).catch(complain)}>
          Stop
        </Button>
      ) : (
        <Button
          onClick={() => {
            void showBranch(chat, id).catch(complain);
            closeWindow();
          }}
        >
          Go on with this one
        </Button>
      )}
    </section>
  );
}

function Marked({ pieces, first }: { pieces: Piece[]; first: number | undefined }) {
  let at = 0;
  return (
    <>
      {pieces.map(({ text, own }, index) => {
        const begins = at === first;
        at += text.length;
        if (own)
          return (
            <mark key={index} class={begins ? "first" : ""}>
              {text}
            </mark>
          );
        return <span key={index}>{text}</span>;
      })}
    </>
  );
}

function labelOf(message: Message): string {
  return `${message.model} on ${engineTitle(message.engine)}`;
}
