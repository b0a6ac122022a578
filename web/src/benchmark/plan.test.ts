import { expect, it } from "vitest";
import type { Choice } from "../api/library";
import { key, missing, noPick, requestOf, runTitle } from "./plan";

const choices = ["llama_cpp", "litert"].map((engine) => ({ model: { name: "tiny" }, engine }) as Choice);

it("says what is missing before it starts", () => {
  expect(missing(noPick)).toContain("at least one model");
  const pick = { ...noPick, chosen: new Set([key("tiny", "litert")]) };
  expect(missing(pick)).toBe("");
  expect(missing({ ...pick, prompts: new Set() })).toContain("prompt");
  expect(missing({ ...pick, repetitions: 2.5 })).toContain("whole number");
  expect(missing({ ...pick, generate: undefined })).toContain("whole number");
});

it("asks for what was ticked, the shortest prompt first", () => {
  const pick = { ...noPick, chosen: new Set([key("tiny", "litert")]), prompts: new Set([512, 128]), name: " first " };
  expect(requestOf(pick, choices)).toEqual({ models: [{ model: "tiny", engine: "litert" }], prompt_tokens: [128, 512], generate_tokens: [64], repetitions: 3, name: "first" });
});

it("names a run without a name by what it measured", () => {
  const plan = (...models: [string, string][]) => ({ name: "", plan: { models: models.map(([model, engine]) => ({ model, engine })) } }) as Parameters<typeof runTitle>[0];
  expect(runTitle(plan(["a", "x"]))).toBe("a");
  expect(runTitle(plan(["a", "x"], ["a", "y"]))).toBe("a on 2 engines");
  expect(runTitle(plan(["a", "x"], ["b", "x"]))).toBe("2 models");
});
