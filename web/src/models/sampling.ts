// How a model is sampled: in words, and as the user's preset.
import type { ModelDetails, Preset } from "../api/shapes";
import { capital } from "../ui/capital";

export type SamplingField = keyof Preset;

const words = { settings: "from the settings", preset: "from its preset", model: "the model's own", default: "" };

/** "top_k": "Top k" */
export function samplingName(field: SamplingField): string {
  return capital(field.replaceAll("_", " "));
}

/** What somebody says of its sampling; the rest is as for every model. */
export function samplingText(sampling: ModelDetails["sampling"]): string {
  return (
    Object.entries(sampling)
      .filter(([, { from }]) => from !== "default")
      .map(([name, { value, from }]) => `${name.replaceAll("_", " ")} ${value} (${words[from]})`)
      .join(", ") || "Tenfold's defaults"
  );
}

/** The preset with another number; undefined takes it out. */
export function withNumber(preset: Preset, field: SamplingField, value: number | undefined): Preset {
  const { [field]: _, ...others } = preset;
  return value === undefined ? others : { ...others, [field]: value };
}

/** What is sent to keep a model's preset; one that says nothing is taken out. */
export function presetChange(model: string, preset: Preset): { presets: Record<string, Preset | null> } {
  return { presets: { [model]: Object.keys(preset).length > 0 ? preset : null } };
}
