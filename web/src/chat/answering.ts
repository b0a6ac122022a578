// Which model and engine answer next.
import { choices, models } from "../api/library";
import { status } from "../api/live";
import { manner } from "./current";

export interface Answering {
  model: string; // empty: nothing can
  engine: string; // empty: not known
}

/** The one that was chosen, else the server's default, else the first that is here. Empty until the server told its default. */
export function answering(): Answering {
  const { model, engine } = manner();
  const name = model || defaultModel() || (status.value && choices.value[0]?.model.name) || "";
  const first = choices.value.find((one) => one.model.name === name)?.engine ?? "";
  return { model: name, engine: engine || first };
}

/** Empty if it is not in the store; `--model` of the server may be a path, which never is. */
function defaultModel(): string {
  const name = status.value?.default_model ?? "";
  const here = name.includes("/") || models.value?.some((model) => model.name === name);
  return here ? name : "";
}

/** What to say with a question to which the server would find no model by itself. */
export function orElse(): Partial<Answering> {
  if (manner().model !== "" || !status.value || defaultModel() !== "") return {};
  const [first] = choices.value;
  return first ? { model: first.model.name, engine: first.engine } : {};
}
