import { describe, expect, it } from "vitest";
import type { BenchmarkRun, Metric } from "../api/shapes";
import { change, differences, pairs, percentText } from "./compare";

const value = (mean: number, sd: number | null = null, better: Metric["better"] = "higher"): Metric => ({ name: "m", title: "M", unit: "tok/s", better, mean, sd, samples: [] });
const run = (engine: string, mean: number, machine = {}) =>
  ({ machine: { cpu: "x", cores: 2, version: "0.1.0", ...machine }, plan: { threads: 2 }, rows: [{ model: "a", engine, metrics: [value(mean)] }] }) as unknown as BenchmarkRun;

describe("change", () => {
  it("follows what is better", () => {
    expect(change(value(100), value(150))).toMatchObject({ percent: 50, verdict: "better" });
    expect(change(value(100, null, "lower"), value(150, null, "lower")).verdict).toBe("worse");
  });
  it("takes what lies within the spreads as noise", () => {
    expect(change(value(100, 4), value(106, 3)).verdict).toBe("same");
    expect(change(value(100, 1), value(106, 1)).verdict).toBe("better");
  });
  it("is said with its sign", () => {
    expect(percentText(change(value(100), value(80)))).toBe("−20%, worse");
    expect(percentText(change(value(100), value(105.5)))).toBe("+5.5%, better");
    expect(percentText(change(value(100), value(100.2)))).toBe("about the same");
  });
});

it("pairs the same model on the same engine", () => {
  expect(pairs(run("e", 1), run("e", 2))[0]!.changes).toHaveLength(1);
  expect(pairs(run("e", 1), run("f", 2))[0]).toMatchObject({ before: undefined, changes: [] });
});

it("says what makes a comparison unfair", () => {
  expect(differences(run("e", 1), run("e", 1))).toEqual([]);
  expect(differences(run("e", 1), run("e", 1, { cores: 8, version: "0.2.0" }))).toHaveLength(2);
});
