// How a model is sampled, in words.
import type { ModelDetails } from "../api/shapes";

const words = { settings: "from the settings", preset: "from its preset", model: "the model's own", default: "" };

/** What somebody says of its sampling; the rest is as for every model. */
export function samplingText(sampling: ModelDetails["sampling"]): string {
  return (
    Object.entries(sampling)
      .filter(([, { from }]) => from !== "default")
      .map(([name, { value, from }]) => `${name.replaceAll("_", " ")} ${value} (${words[from]})`)
      .join(", ") || "Tenfold's defaults"
  );
}
