import { expect, it } from "vitest";
import type { Setting } from "../api/shapes";
import { changesOf, trimmed, withoutSecrets } from "./draft";
import { notes, title } from "./titles";

const row = (key: string, change: Partial<Setting> = {}) => ({ key, type: "number", value: null, default: "0.7", active: "0.7", source: "default", restart: false, repeatable: false, ...change }) as Setting;
const rows = [row("temperature", { maximum: 100 }), row("threads", { type: "integer", value: 2 })];

it("forgets a change that was taken back, and a key the server does not have", () => {
  expect(trimmed({ temperature: "0.5", threads: "2", gone: "x" }, rows)).toEqual({ temperature: "0.5" });
});

it("keeps no secret in the browser", () => {
  const secrets = [row("api_key", { type: "text", secret: true }), row("engine_option", { type: "text", secret: false }), row("threads", { secret: false })];
  expect(withoutSecrets({ api_key: "k", engine_option: "picollm.access_key=k", threads: "2" }, secrets)).toEqual({ threads: "2" });
});

it("gathers what is to be saved and what is wrong", () => {
  expect(changesOf({ temperature: "", threads: "4" }, rows)).toEqual({ values: { temperature: null, threads: 4 }, errors: {} });
  expect(changesOf({ temperature: "400", threads: "x" }, rows)).toEqual({ values: {}, errors: { temperature: "At most 100.", threads: "Write a whole number." } });
});

it("has a name for every key and says what wins over the file", () => {
  expect([title({ key: "memory_limit" }), title({ key: "ctx" })]).toEqual(["Memory limit", "Context size"]);
  expect(notes(row("threads", { source: "command_line", active: "1", restart: true }))).toEqual([
    "Now 1, from the command line, which comes before what is saved here.",
    "Needs a restart of Tenfold to act.",
  ]);
});
