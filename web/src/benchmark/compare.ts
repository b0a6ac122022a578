// Two runs side by side: what both measured, and what changed.
import type { BenchmarkRow, BenchmarkRun, Metric } from "../api/shapes";
import { metric } from "./metrics";

export interface Change {
  metric: Metric; // of the second run
  before: Metric;
  percent: number;
  verdict: "better" | "worse" | "same";
}

export interface Pair {
  row: BenchmarkRow;
  before: BenchmarkRow | undefined; // undefined: the first run has no such row
  changes: Change[];
}

export function change(before: Metric, after: Metric): Change {
  const difference = after.mean - before.mean;
  const percent = before.mean === 0 ? 0 : (100 * difference) / before.mean;
  // What lies within both spreads, or under 1 %, is noise.
  const noise = Math.max((before.sd ?? 0) + (after.sd ?? 0), 0.01 * Math.abs(before.mean));
  const up = difference > 0;
  const verdict = Math.abs(difference) <= noise ? "same" : up === (after.better === "higher") ? "better" : "worse";
  return { metric: after, before, percent, verdict };
}

/** Each row of the second run with that of the first which has the same model and engine. */
export function pairs(first: BenchmarkRun, second: BenchmarkRun): Pair[] {
  return second.rows.map((row) => {
    const before = first.rows.find(({ model, engine }) => model === row.model && engine === row.engine);
    const changes = row.metrics.flatMap((after) => {
      const one = before && metric(before, after.name);
      return one ? [change(one, after)] : [];
    });
    return { row, before, changes };
  });
}

/** What makes the comparison unfair, in sentences. */
export function differences(first: BenchmarkRun, second: BenchmarkRun): string[] {
  const said: string[] = [];
  const [a, b] = [first.machine, second.machine];
  if (a.cpu !== b.cpu || a.cores !== b.cores) said.push("They ran on different machines.");
  if (a.version !== b.version) said.push(`Tenfold was ${a.version} and is ${b.version}.`);
  if (first.plan.threads !== second.plan.threads) said.push("They used different numbers of threads.");
  return said;
}

export function percentText({ percent, verdict }: Change): string {
  if (verdict === "same") return "about the same";
  const sign = percent > 0 ? "+" : "−";
  return `${sign}${Math.abs(percent).toFixed(Math.abs(percent) < 10 ? 1 : 0)}%, ${verdict}`;
}
