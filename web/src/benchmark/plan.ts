// What the user chose to measure.
import type { Choice } from "../api/library";
import type { BenchmarkRun, NewBenchmark } from "../api/shapes";

export interface Pick {
  chosen: ReadonlySet<string>; // keys of choices
  prompts: ReadonlySet<number>;
  generate: number | undefined;
  repetitions: number | undefined;
  name: string;
}

export const lengths = [
  { tokens: 128, label: "Short (128 tokens)" },
  { tokens: 512, label: "Medium (512 tokens)" },
  { tokens: 2048, label: "Long (2,048 tokens)" },
];

export const noPick: Pick = { chosen: new Set(), prompts: new Set([128, 512, 2048]), generate: 64, repetitions: 3, name: "" };

export function key(model: string, engine: string): string {
  return `${model}\n${engine}`;
}

/** Why it cannot start; "" if it can. */
export function missing({ chosen, prompts, generate, repetitions }: Pick): string {
  if (chosen.size === 0) return "Choose at least one model and engine.";
  if (chosen.size > 50) return "At most 50 models and engines are measured at once: choose fewer.";
  if (prompts.size === 0) return "Choose at least one length of the prompt.";
  if (!whole(generate, 1, 100000)) return "The answer's length is a whole number of at least 1.";
  if (!whole(repetitions, 1, 100)) return "The repetitions are a whole number from 1 to 100.";
  return "";
}

function whole(value: number | undefined, least: number, most: number): boolean {
  return value !== undefined && Number.isInteger(value) && value >= least && value <= most;
}

export function requestOf(pick: Pick, choices: Choice[]): NewBenchmark {
  return {
    models: choices.filter(({ model, engine }) => pick.chosen.has(key(model.name, engine))).map(({ model, engine }) => ({ model: model.name, engine })),
    prompt_tokens: [...pick.prompts].sort((a, b) => a - b),
    generate_tokens: [pick.generate ?? 64],
    repetitions: pick.repetitions ?? 3,
    ...(pick.name.trim() === "" ? {} : { name: pick.name.trim() }),
  };
}

/** The name of a run, or what it measured. */
export function runTitle({ name, plan }: { name: string; plan: BenchmarkRun["plan"] }): string {
  if (name !== "") return name;
  const models = [...new Set(plan.models.map(({ model }) => model))];
  const what = models.length === 1 ? models[0]! : `${models.length} models`;
  return plan.models.length > models.length ? `${what} on ${new Set(plan.models.map(({ engine }) => engine)).size} engines` : what;
}


