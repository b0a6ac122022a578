import { expect, it } from "vitest";
import { samplingText } from "./sampling";

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
