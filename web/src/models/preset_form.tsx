// How the user wants one model sampled, kept in config.json for the command line and every API.
import { useState } from "preact/hooks";
import { ask } from "../api/client";
import type { ModelDetails, Preset, Settings } from "../api/shapes";
import { Button } from "../ui/button";
import { NumberField } from "../ui/field";
import { ErrorNote } from "../ui/notes";
import { useResource } from "../ui/resource";
import { Section } from "../ui/section";
import { presetChange, samplingName, withNumber, type SamplingField } from "./sampling";

/** Nothing for those who may not see the settings. */
export function PresetForm({ details, onSaved }: { details: ModelDetails; onSaved(): Promise<void> }) {
  const { name } = details.stored;
  const { data, set } = useResource(() => ask<Settings>("/api/v1/settings"), []);
  const [typed, setTyped] = useState<Preset | undefined>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  if (!data) return null;
  const preset = typed ?? data.presets[name] ?? {};
  const save = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      set(await ask<Settings>("/api/v1/settings", { method: "PATCH", body: presetChange(name, preset) }));
      setTyped(undefined);
      await onSaved();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section title="Preset" about="How this model is sampled where neither a request nor the settings say it. An empty field leaves it to the model.">
      {problem !== undefined && <ErrorNote error={problem} />}
      <form
        class="load-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {(Object.keys(details.sampling) as SamplingField[]).map((field) => (
          <NumberField
            key={field}
            label={samplingName(field)}
            value={preset[field]}
            onInput={(value) => setTyped(withNumber(preset, field, value))}
            placeholder={String(details.sampling[field]?.value ?? "")}
          />
        ))}
        <Button kind="primary" type="submit" busy={busy} disabled={typed === undefined}>
          Save preset
        </Button>
      </form>
    </Section>
  );
}
