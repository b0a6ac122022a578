import { describe, expect, it } from "vitest";
import type { Setting } from "../api/shapes";
import { parsed, typedOf } from "./values";

const row = (change: Partial<Setting>) => ({ key: "k", group: "models", type: "text", help: "", value: null, default: "", active: null, source: "default", restart: false, secret: false, repeatable: false, ...change }) as Setting;

describe("typedOf", () => {
  it("is empty where nothing is saved, so that the default holds", () => {
    expect(typedOf(row({ type: "number", default: "0.7" }))).toBe("");
    expect(typedOf(row({ type: "number", value: 0 }))).toBe("0");
  });
  it("shows lists", () => {
    expect(typedOf(row({ repeatable: true, value: ["a", "b"] }))).toBe("a\nb");
  });
  it("shows a flag as it is without a word", () => {
    expect(typedOf(row({ type: "flag", default: "true" }))).toBe(true);
    expect(typedOf(row({ type: "flag" }))).toBe(false);
  });
});

describe("parsed", () => {
  it("takes an empty field out of the file", () => {
    expect(parsed(row({ type: "integer" }), " ")).toEqual({ value: null });
    expect(parsed(row({ type: "flag" }), false)).toEqual({ value: null });
  });
  it("holds numbers to their kind and range", () => {
    const integer = row({ type: "integer", minimum: 1, maximum: 9 });
    expect(parsed(integer, "3")).toEqual({ value: 3 });
    expect(parsed(integer, "3.5")).toEqual({ error: "Write a whole number." });
    expect(parsed(integer, "0")).toEqual({ error: "At least 1." });
    expect(parsed(integer, "10")).toEqual({ error: "At most 9." });
    expect(parsed(row({ type: "number" }), "many")).toEqual({ error: "Write a number." });
  });
  it("reads sizes, lists of numbers and lines", () => {
    expect(parsed(row({ type: "bytes" }), "600M")).toEqual({ value: "600M" });
    expect(parsed(row({ type: "bytes" }), "much")).toHaveProperty("error");
    expect(parsed(row({ type: "integers" }), "128, 512")).toEqual({ value: "128,512" });
    expect(parsed(row({ type: "integers" }), "128, x")).toHaveProperty("error");
    expect(parsed(row({ repeatable: true }), "a\n\n b ")).toEqual({ value: ["a", "b"] });
  });
});
