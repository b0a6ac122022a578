// How the answers of one conversation are made: system prompt and parameters.
import { useState } from "preact/hooks";
import type { Generation } from "../api/shapes";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { NumberField, SelectField, TextField } from "../ui/field";
import { ErrorNote } from "../ui/notes";
import { change, current, manner } from "./current";
import { ToolsField } from "./tools_field";
import { closeWindow } from "./windows";

type Numbers = "temperature" | "max_tokens" | "top_p" | "top_k" | "min_p" | "repeat_penalty" | "seed" | "context_size";

const usual: { key: Numbers; label: string; hint: string; min?: number; max?: number; step?: number }[] = [
  { key: "temperature", label: "Temperature", hint: "0 always takes the likeliest word; higher is livelier.", min: 0, max: 2, step: 0.1 },
  { key: "max_tokens", label: "Longest answer, in tokens", hint: "A token is about three quarters of a word.", min: 1, step: 1 },
  {
    key: "context_size",
    label: "Context, in tokens",
    hint: "How much of the conversation the model sees. More takes more memory.",
    min: 0,
    step: 512,
  },
];
const finer: typeof usual = [
  { key: "top_p", label: "Top-p", hint: "Keeps the likeliest words up to this sum.", min: 0, max: 1, step: 0.05 },
  { key: "top_k", label: "Top-k", hint: "Keeps so many words; 0 keeps all.", min: 0, step: 1 },
  { key: "min_p", label: "Min-p", hint: "Keeps words with this part of the likeliest one's chance.", min: 0, max: 1, step: 0.01 },
  { key: "repeat_penalty", label: "Repeat penalty", hint: "Above 1: fewer repetitions.", min: 0, step: 0.05 },
  { key: "seed", label: "Seed", hint: "The same seed gives the same answer again.", min: 0, step: 1 },
];
/** Those that a model's publisher may recommend. */
const recommended = new Set<Numbers>(["temperature", "top_p", "top_k", "min_p", "repeat_penalty"]);
const systems = [
  { value: "own", label: "The model's own" },
  { value: "none", label: "None" },
  { value: "text", label: "This one:" },
];

export function MannerWindow() {
  const before = manner();
  const [kind, setKind] = useState(before.system === null ? "own" : before.system === "" ? "none" : "text");
  const [system, setSystem] = useState(before.system ?? "");
  const [settings, setSettings] = useState<Generation>(before.settings);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [faulty, setFaulty] = useState(false);
  const set = (part: Generation) => {
    const all = { ...settings, ...part };
    setSettings(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== null)));
  };
  const save = async () => {
    setBusy(true);
    try {
      await change({ system: kind === "own" ? null : kind === "none" ? "" : system, settings });
      closeWindow();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const numbers = (fields: typeof usual) =>
    fields.map(({ key, ...field }) => (
      <NumberField
        key={key}
        {...field}
        value={settings[key] ?? undefined}
        placeholder={recommended.has(key) ? "As in Settings, or the model's own" : "As in Settings"}
        onInput={(value) => set({ [key]: value })}
      />
    ));
  return (
    <Dialog
      title={current.value ? "Settings of this chat" : "Settings of the next chat"}
      onClose={closeWindow}
      actions={
        <>
          <Button kind="quiet" onClick={closeWindow}>
            Cancel
          </Button>
          <Button kind="primary" busy={busy} disabled={faulty} onClick={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      <div class="stack">
        {error !== undefined && <ErrorNote error={error} />}
        <SelectField label="System prompt" value={kind} options={systems} onInput={setKind} />
        {kind === "text" && (
          <TextField
            label="Text of the system prompt"
            value={system}
            rows={4}
            onInput={setSystem}
            placeholder="You are a helpful assistant."
          />
        )}
        <div class="two">{numbers(usual)}</div>
        <details class="fold">
          <summary>Finer parameters</summary>
          <div class="two">{numbers(finer)}</div>
        </details>
        <details class="fold">
          <summary>Form and tools</summary>
          <div class="stack">
            <ConstraintField value={settings.constraint} onInput={(constraint) => set({ constraint })} />
            <ToolsField value={settings.tools ?? []} onInput={(tools) => set({ tools })} onFault={setFaulty} />
          </div>
        </details>
      </div>
    </Dialog>
  );
}

const forms = [
  { value: "", label: "Free text" },
  { value: "json_schema", label: "JSON that matches a schema" },
  { value: "regex", label: "A regular expression" },
  { value: "grammar", label: "A grammar" },
];

interface ConstraintProps {
  value: Generation["constraint"];
  onInput(value: Generation["constraint"]): void;
}

function ConstraintField({ value, onInput }: ConstraintProps) {
  const kind = value?.kind ?? "";
  const choose = (next: string) =>
    onInput(next === "" ? undefined : { kind: next as NonNullable<typeof value>["kind"], text: value?.text ?? "" });
  return (
    <>
      <SelectField label="Form of the answer" value={kind} options={forms} onInput={choose} />
      {value && (
        <TextField label="Schema, expression or grammar" rows={4} value={value.text} onInput={(text) => onInput({ ...value, text })} />
      )}
    </>
  );
}
