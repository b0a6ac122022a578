import { expect, it } from "vitest";
import type { OptionSpec } from "../api/shapes";
import { hiddenSecret, optionError, optionValue, shownValue, withOption } from "./engine_options";

const lines = "llama_cpp.mmap=false\nlitert.weight_cache=/a=b";

it("reads the line of an engine's option", () => {
  expect(optionValue(lines, "llama_cpp", "mmap")).toBe("false");
  expect(optionValue(lines, "litert", "weight_cache")).toBe("/a=b");
  expect(optionValue(lines, "litert", "mmap")).toBe("");
});

it("changes one line and leaves the others", () => {
  expect(withOption(lines, "llama_cpp", "mmap", "true")).toBe("litert.weight_cache=/a=b\nllama_cpp.mmap=true");
  expect(withOption(lines, "llama_cpp", "mmap", "")).toBe("litert.weight_cache=/a=b");
  expect(withOption("", "litert", "x", "1")).toBe("litert.x=1");
});

it("shows an empty field for a secret that is stored", () => {
  const key: OptionSpec = { name: "access_key", type: "string", default: "", help: "", kind: "secret" };
  expect(shownValue(key, hiddenSecret)).toBe("");
  expect(shownValue(key, "new")).toBe("new");
  expect(shownValue({ ...key, kind: "value" }, hiddenSecret)).toBe(hiddenSecret);
});

it("holds values to the option's kind and range", () => {
  const poll: OptionSpec = { name: "poll", type: "integer", default: 50, help: "", kind: "value", minimum: 0, maximum: 100 };
  expect(["", "7", "7.5", "x", "-1", "101"].map((text) => optionError(poll, text))).toEqual(["", "", "Write a whole number.", "Write a number.", "At least 0.", "At most 100."]);
  expect(optionError({ ...poll, type: "string" }, "anything")).toBe("");
});
