// Chooses what to measure and starts it. The choice stays if the server refuses.
import { useState } from "preact/hooks";
import { ask } from "../api/client";
import { choices, libraryError, models, refreshLibrary } from "../api/library";
import { status } from "../api/live";
import type { BenchmarkRun } from "../api/shapes";
import { address, go } from "../router";
import { Button } from "../ui/button";
import { Check, CheckSet } from "../ui/check";
import { NumberField, TextField } from "../ui/field";
import { EmptyNote, ErrorNote } from "../ui/notes";
import { Section } from "../ui/section";
import { Matrix } from "./matrix";
import { lengths, missing, noPick, requestOf } from "./plan";

export function NewRun() {
  const [pick, setPick] = useState(noPick);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const set = (change: Partial<typeof pick>) => setPick({ ...pick, ...change });
  const lack = missing(pick);
  const running = status.value?.benchmark;
  const start = async (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (lack !== "") return;
    setBusy(true);
    try {
      const run = await ask<BenchmarkRun>("/api/v1/benchmarks", { body: requestOf(pick, choices.value) });
      go("benchmark", [run.id]);
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  if (libraryError.value && !models.value) return <ErrorNote error={libraryError.value} onRetry={() => void refreshLibrary()} />;
  if (!models.value) return null;
  if (choices.value.length === 0) {
    return (
      <div class="card">
        <EmptyNote icon="gauge" title="There is nothing to measure yet">
          <p>A model is needed that one of the installed engines can run.</p>
          <Button kind="primary" onClick={() => go("models", ["get"])}>
            Get models
          </Button>
        </EmptyNote>
      </div>
    );
  }
  return (
    <Section title="New benchmark">
      <form class="card stack" onSubmit={(event) => void start(event)}>
        <Matrix choices={choices.value} chosen={pick.chosen} onChange={(chosen) => set({ chosen })} />
        <CheckSet legend="Prompts">
          {lengths.map(({ tokens, label }) => (
            <Check key={tokens} checked={pick.prompts.has(tokens)} onChange={(on) => set({ prompts: withPrompt(pick.prompts, tokens, on) })}>
              {label}
            </Check>
          ))}
        </CheckSet>
        <div class="plan-fields">
          <NumberField label="Answer, in tokens" value={pick.generate} onInput={(generate) => set({ generate })} min={1} step={1} />
          <NumberField label="Repetitions" value={pick.repetitions} onInput={(repetitions) => set({ repetitions })} min={1} max={100} step={1} />
          <TextField label="Name (optional)" value={pick.name} onInput={(name) => set({ name })} placeholder="to find it again" />
        </div>
        {problem !== undefined && <ErrorNote error={problem} />}
        {tried && lack !== "" && (
          <p class="small wrong" role="alert">
            {lack}
          </p>
        )}
        <div class="row wrap between">
          <p class="muted small grow">It has the machine alone: models in memory are unloaded, and nobody gets answers until it ends.</p>
          {running ? (
            <a class="button" href={address("benchmark", running)}>
              See the one that runs
            </a>
          ) : (
            <Button kind="primary" type="submit" icon="play" busy={busy}>
              Start
            </Button>
          )}
        </div>
      </form>
    </Section>
  );
}

function withPrompt(prompts: ReadonlySet<number>, tokens: number, on: boolean): ReadonlySet<number> {
  return new Set(on ? [...prompts, tokens] : [...prompts].filter((one) => one !== tokens));
}
