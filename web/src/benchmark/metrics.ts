// Results are lists of named metrics. Nothing here knows which there are, but for the words of some.
import type { BenchmarkRow, Metric } from "../api/shapes";
import { bytes, duration, rate } from "../format";
import { capital } from "../ui/capital";
import type { BarGroup } from "../ui/charts/bar_chart";

export interface Column {
  name: string;
  title: string;
  unit: string;
  better: Metric["better"];
}

/** The metrics of all rows, in the order in which they first stand there. */
export function columns(rows: BenchmarkRow[]): Column[] {
  const found = new Map<string, Column>();
  for (const { metrics } of rows) {
    for (const { name, title, unit, better } of metrics) {
      if (!found.has(name)) found.set(name, { name, title, unit, better });
    }
  }
  return [...found.values()];
}

export function metric(row: BenchmarkRow, name: string): Metric | undefined {
  return row.metrics.find((one) => one.name === name);
}

export function valueText(value: number, unit: string): string {
  if (unit === "bytes") return bytes(value);
  if (unit === "s") return duration(value);
  return unit === "" ? rate(value) : `${rate(value)} ${unit}`;
}

/** "12.3 tok/s ± 0.4 tok/s", without the spread where one value is all there is. */
export function metricText({ mean, sd, unit }: Pick<Metric, "mean" | "sd" | "unit">): string {
  const text = valueText(mean, unit);
  return sd === null || sd === 0 ? text : `${text} ± ${unit === "bytes" || unit === "s" ? valueText(sd, unit) : rate(sd)}`;
}

/** The rows that have the best value of a metric; none where only one has it. */
export function best(rows: BenchmarkRow[], { name, better }: Column): BenchmarkRow | undefined {
  const having = rows.filter((row) => metric(row, name));
  if (having.length < 2) return undefined;
  const sign = better === "higher" ? 1 : -1;
  return having.reduce((most, row) => (sign * (metric(row, name)!.mean - metric(most, name)!.mean) > 0 ? row : most));
}

export interface Family {
  name: string; // pp of pp128 and pp512
  columns: Column[];
}

/** Metrics that are the same but for a length at the end of the name. */
export function families(all: Column[]): Family[] {
  const found = new Map<string, Column[]>();
  for (const column of all) {
    const name = column.name.replace(/\d+$/, "");
    found.set(name, [...(found.get(name) ?? []), column]);
  }
  return [...found].map(([name, members]) => ({ name, columns: members }));
}

const familyTitles: Record<string, string> = {
  pp: "Reading the prompt",
  tg: "Writing the answer",
  ttft: "Time to the first token",
  load: "Loading the model",
  peak_memory: "Peak memory",
};

export function familyTitle({ name, columns: members }: Family): string {
  return familyTitles[name] ?? capital(members[0]!.title);
}

/** What a chart of a family shows: a group for each length, a bar for each row. */
export function barGroups(rows: BenchmarkRow[], family: Family, label: (row: BenchmarkRow) => string): BarGroup[] {
  return family.columns.map((column) => {
    const winner = best(rows, column);
    const length = column.name.slice(family.name.length);
    return {
      label: length === "" ? "" : `${Number(length).toLocaleString("en")} tokens`,
      bars: rows.flatMap((row) => {
        const found = metric(row, column.name);
        return found ? [{ label: label(row), value: found.mean, spread: found.sd, text: metricText(found), best: row === winner }] : [];
      }),
    };
  });
}
