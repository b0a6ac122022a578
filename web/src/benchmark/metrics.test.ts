import { describe, expect, it } from "vitest";
import type { BenchmarkRow, Metric } from "../api/shapes";
import { barGroups, best, columns, families, familyTitle, metricText } from "./metrics";

const value = (name: string, mean: number, better: Metric["better"] = "higher", unit = "tok/s"): Metric => ({ name, title: `Title of ${name}`, unit, better, mean, sd: null, samples: [mean] });
const row = (model: string, ...metrics: Metric[]) => ({ model, engine: "llama_cpp", metrics }) as BenchmarkRow;

const rows = [row("a", value("pp128", 100), value("pp512", 90), value("peak_memory", 5e8, "lower", "bytes")), row("b", value("pp128", 120), value("perplexity", 12, "lower", ""))];

it("has a column for every metric of any row", () => {
  expect(columns(rows).map(({ name }) => name)).toEqual(["pp128", "pp512", "peak_memory", "perplexity"]);
});

it("puts the lengths of a metric together and shows metrics it never heard of by their own title", () => {
  const found = families(columns(rows));
  expect(found.map(({ name }) => name)).toEqual(["pp", "peak_memory", "perplexity"]);
  expect(found.map(familyTitle)).toEqual(["Reading the prompt", "Peak memory", "Title of perplexity"]);
});

describe("best", () => {
  it("knows which way is better", () => {
    const [pp, , memory] = columns(rows);
    expect(best(rows, pp!)?.model).toBe("b");
    expect(best([...rows, row("c", value("peak_memory", 4e8, "lower", "bytes"))], memory!)?.model).toBe("c");
  });
  it("is nobody where only one was measured", () => {
    expect(best(rows, columns(rows)[1]!)).toBeUndefined();
  });
});

it("leaves a row without the metric out of its chart", () => {
  const [, memory] = families(columns(rows));
  expect(barGroups(rows, memory!, ({ model }) => model)).toEqual([{ label: "", bars: [expect.objectContaining({ label: "a", text: "500 MB", best: false })] }]);
});

it("words values with their spread", () => {
  expect(metricText({ mean: 123.4, sd: 1.26, unit: "tok/s" })).toBe("123 tok/s ± 1.26");
  expect(metricText({ mean: 0.12, sd: 0.004, unit: "s" })).toBe("120 ms ± 4 ms");
  expect(metricText({ mean: 2.5, sd: null, unit: "" })).toBe("2.5");
});
