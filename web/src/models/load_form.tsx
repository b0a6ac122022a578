import { useState } from "preact/hooks";
import { engineTitle } from "../api/library";
import type { ModelDetails, ModelStatus } from "../api/shapes";
import { integer } from "../format";
import { Button } from "../ui/button";
import { NumberField, SelectField } from "../ui/field";
import { ErrorNote } from "../ui/notes";
import { Section } from "../ui/section";
import { load, unload, type LoadWish } from "./load_button";

const keeping = [
  { value: "", label: "As the settings say" },
  { value: "3600", label: "For an hour after the last use" },
  { value: "-1", label: "Until it is unloaded" },
];

/** Loads the model with an engine, a context size and a time to stay. */
export function LoadForm({ details, loaded }: { details: ModelDetails; loaded: ModelStatus | undefined }) {
  const able = details.engines.filter(({ can_run }) => can_run).map(({ name }) => name);
  const [engine, setEngine] = useState("");
  const [context, setContext] = useState<number | undefined>();
  const [keep, setKeep] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const { name } = details.stored;
  const act = (action: Promise<void>) => {
    setBusy(true);
    setProblem(undefined);
    action.catch(setProblem).finally(() => setBusy(false));
  };
  const wish: LoadWish = {
    ...(engine === "" ? {} : { engine }),
    ...(context === undefined ? {} : { context_size: context }),
    ...(keep === "" ? {} : { keep_alive: Number(keep) }),
  };
  if (able.length === 0) return <p class="small wrong">No engine that is installed here can run it; the table below says why.</p>;
  return (
    <Section title="In memory" about={loaded ? `It is in memory with ${engineTitle(loaded.engine)} and ${integer(loaded.context_size)} tokens of context.` : "It is loaded when it is first asked. Load it now to have its first answer sooner."}>
      {problem !== undefined && <ErrorNote error={problem} />}
      {loaded?.state === "ready" ? (
        <div class="row">
          <Button busy={busy} onClick={() => act(unload(name))}>
            Unload
          </Button>
        </div>
      ) : (
        <form
          class="load-form"
          onSubmit={(event) => {
            event.preventDefault();
            act(load(name, wish));
          }}
        >
          <SelectField
            label="Engine"
            value={engine}
            onInput={setEngine}
            options={[{ value: "", label: "Chosen by Tenfold" }, ...able.map((value) => ({ value, label: engineTitle(value) }))]}
          />
          <NumberField label="Context, in tokens" value={context} onInput={setContext} min={1} step={1} placeholder="as the settings say" />
          <SelectField label="It stays" value={keep} onInput={setKeep} options={keeping} />
          <Button kind="primary" type="submit" busy={busy || loaded?.state === "loading"}>
            Load
          </Button>
        </form>
      )}
    </Section>
  );
}
