import { engineTitle } from "../api/library";
import type { BenchmarkRow } from "../api/shapes";

export const stateWords: Record<BenchmarkRow["state"], string> = {
  waiting: "Waits",
  running: "Running",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

export const stateKinds: Record<BenchmarkRow["state"], "plain" | "good" | "danger" | "accent"> = {
  waiting: "plain",
  running: "accent",
  done: "good",
  failed: "danger",
  cancelled: "plain",
};

/** Seconds since 1970 as a date and time. */
export function when(time: number): string {
  return new Date(time * 1000).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });
}

export function rowLabel({ model, engine }: Pick<BenchmarkRow, "model" | "engine">): string {
  return engine === "" ? model : `${model} · ${engineTitle(engine)}`;
}
