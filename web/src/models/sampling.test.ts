import { expect, it } from "vitest";
import { presetChange, samplingName, samplingText, withNumber } from "./sampling";

it("says whose each value is that is not the default", () => {
  expect(
    samplingText({
      temperature: { value: 0.5, from: "settings" },
      top_k: { value: 7, from: "preset" },
      top_p: { value: 0.9, from: "model" },
      min_p: { value: 0.05, from: "default" },
    }),
  ).toBe("temperature 0.5 (from the settings), top k 7 (from its preset), top p 0.9 (the model's own)");
  expect(samplingText({ min_p: { value: 0.05, from: "default" } })).toBe("Tenfold's defaults");
});

it("changes a preset number by number and takes an empty one out", () => {
  expect(samplingName("top_k")).toBe("Top k");
  const preset = withNumber(withNumber({}, "temperature", 0.5), "top_k", 3);
  expect(preset).toEqual({ temperature: 0.5, top_k: 3 });
  const less = withNumber(preset, "temperature", undefined);
  expect(presetChange("m", less)).toEqual({ presets: { m: { top_k: 3 } } });
  expect(presetChange("m", withNumber(less, "top_k", undefined))).toEqual({ presets: { m: null } });
});
