// What the model sees: the exact text, its tokens, and the template that made it.
import { useEffect, useState } from "preact/hooks";
import { ask } from "../api/client";
import { engineTitle } from "../api/library";
import type { PromptSeen } from "../api/shapes";
import { integer } from "../format";
import { Dialog } from "../ui/dialog";
import { ErrorNote } from "../ui/notes";
import { Tabs } from "../ui/tabs";
import { orElse } from "./answering";
import { CopyButton } from "./copy_button";
import { current } from "./current";
import { closeWindow, type Window } from "./windows";

const tabs = [
  { id: "text", label: "Text" },
  { id: "tokens", label: "Tokens" },
  { id: "template", label: "Template" },
];
const control = /^<[^<>\s]+>$/; // how vocabularies write tokens that are no text
const most = 4000; // tokens drawn one by one; a page of more is of no use

export function XrayWindow({ kind: _, ...look }: Extract<Window, { kind: "xray" }>) {
  const [seen, setSeen] = useState<PromptSeen>();
  const [error, setError] = useState<unknown>();
  const [tab, setTab] = useState("text");
  const id = current.value?.id;
  useEffect(() => {
    const stop = new AbortController();
    ask<PromptSeen>(`/api/v1/conversations/${id}/prompt`, { body: { ...orElse(), ...look }, signal: stop.signal }).then(
      setSeen,
      (failure) => stop.signal.aborted || setError(failure),
    );
    return () => stop.abort();
  }, []);
  return (
    <Dialog title="What the model sees" size="large" onClose={closeWindow}>
      {error !== undefined && <ErrorNote error={error} />}
      {!seen && error === undefined && <p class="muted">Asking the model…</p>}
      {seen && (
        <div class="stack">
          <p class="muted small">
            {seen.model} on {engineTitle(seen.engine)} {seen.engine_version}: {integer(seen.prompt_tokens)} of {integer(seen.context_size)}{" "}
            tokens, {seen.fits ? `${integer(seen.room)} are left for the answer.` : "which does not fit."}
          </p>
          <Tabs label="What the model sees" tabs={tabs} current={tab} onSelect={setTab}>
            {tab === "text" && <Text text={seen.text ?? ""} />}
            {tab === "tokens" && <Tokens tokens={seen.tokens ?? []} />}
            {tab === "template" && <Text text={seen.template ?? "This model has no template: it sees the text alone."} />}
          </Tabs>
        </div>
      )}
    </Dialog>
  );
}

function Text({ text }: { text: string }) {
  return (
    <div class="exact">
      <CopyButton text={text} />
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}

function Tokens({ tokens }: { tokens: NonNullable<PromptSeen["tokens"]> }) {
  return (
    <>
      <ol class="tokens" aria-label="Tokens">
        {tokens.slice(0, most).map((token, at) => (
          <li key={at} class={control.test(token.text ?? "") ? "special" : ""} title={`Token ${token.id}`}>
            {token.text === null ? `‹${token.id}›` : visible(token.text)}
          </li>
        ))}
      </ol>
      {tokens.length > most && (
        <p class="muted small">
          The first {integer(most)} of {integer(tokens.length)} are shown.
        </p>
      )}
    </>
  );
}

function visible(text: string): string {
  return text.replace(/ /g, "·").replace(/\n/g, "⏎").replace(/\t/g, "⇥");
}
