import { describe, expect, it } from "vitest";
import type { CatalogueModel, DownloadProgress, MachineStatus, StoredModel } from "../api/shapes";
import { latestOfEach } from "./downloads";
import { filtered, noFilters } from "./filters";
import { byHand, fit, progressText, removal, tried } from "./words";

const verified: CatalogueModel["outlook"] = { state: "verified", day: "2026-11-30", why: null, instead: null };
const model = (change: Partial<CatalogueModel>) =>
  ({ name: "a", title: "A", about: "", licence: "MIT", format: "gguf", engines: ["llama_cpp"], bytes: 1e8, approximate_bytes: null, memory: 2e8, fits: true, outlook: verified, source: "pypi", ...change }) as CatalogueModel;
const machine = { memory_available_bytes: 3e8 } as MachineStatus;

describe("fit", () => {
  it("says what it needs and what is free", () => {
    expect(fit(model({}), machine)).toEqual({ kind: "good", text: "Fits: needs about 200 MB of memory, 300 MB is free." });
    expect(fit(model({ memory: 5e9, fits: false }), machine).text).toBe("Does not fit now: needs about 5.0 GB of memory, 300 MB is free.");
  });
  it("says that it cannot run and what to do, whatever its size", () => {
    const outlook = { ...verified, state: "cannot_run", day: null, why: "it has wheels", instead: "take b" } as const;
    expect(fit(model({ outlook, memory: null, fits: false }), machine)).toEqual({ kind: "danger", text: "Does not run here: it has wheels. Take b." });
  });
  it("does not guess", () => {
    expect(fit(model({ memory: null, fits: null }), machine)).toMatchObject({ kind: "plain", text: expect.stringContaining("Not known") });
  });
});

it("says whether a file of its form was tried", () => {
  expect(tried(model({}))).toBe("A small model in its form ran on 2026-11-30.");
  expect(tried(model({ outlook: { ...verified, state: "unverified", day: null } }))).toContain("No file in its form has been tried");
  expect(tried(model({ outlook: { ...verified, state: "cannot_run" } }))).toBe("");
});

it("knows what cannot be downloaded here", () => {
  expect(byHand(model({ source: "page" }))).toContain("web page");
  expect(byHand(model({}))).toBe("");
});

describe("filtered", () => {
  const all = [model({ name: "small", about: "chat model" }), model({ name: "big", bytes: 6e9, fits: false, licence: "Apache-2.0" }), model({ name: "none", bytes: null, engines: ["mlx"] })];
  const names = (change: Partial<typeof noFilters>) => filtered(all, { ...noFilters, ...change }).map(({ name }) => name);
  it("finds all words in any order", () => {
    expect(names({ words: "Model small" })).toEqual(["small"]);
    expect(names({ words: "small big" })).toEqual([]);
  });
  it("holds to every filter", () => {
    expect(names({ fits: true })).toEqual(["small", "none"]);
    expect(names({ engine: "mlx" })).toEqual(["none"]);
    expect(names({ licence: "Apache-2.0" })).toEqual(["big"]);
    expect(names({ most: "500000000" })).toEqual(["small"]);
  });
});

describe("downloads", () => {
  const download = { id: "1", model: "a", state: "running", step: "", done_bytes: 5e7, total_bytes: 1e8, bytes_per_second: 2e6, seconds_left: 25 } as DownloadProgress;
  it("are told with their rate and time left", () => {
    expect(progressText(download)).toBe("50.0 MB of 100 MB · 2.0 MB/s · 25 s left");
    expect(progressText({ ...download, state: "cancelled" })).toBe("Paused at 50.0 MB of 100 MB");
    expect(progressText({ ...download, total_bytes: null, seconds_left: null })).toBe("50.0 MB · 2.0 MB/s");
  });
  it("show one row a model, the latest", () => {
    expect(latestOfEach([{ ...download, id: "2" }, { ...download, state: "cancelled" }]).map(({ id }) => id)).toEqual(["2"]);
  });
});

describe("removal", () => {
  const stored = { owned: true, bytes: 1e8, path: "/m/a.gguf", files: [{}] } as StoredModel;
  it("says what is deleted and what is only forgotten", () => {
    expect(removal(stored, false)).toBe("Its file (100 MB, /m/a.gguf) will be deleted.");
    expect(removal({ ...stored, owned: false }, false)).toBe("Tenfold only forgets it. Its file (/m/a.gguf) stays where it is.");
    expect(removal(stored, true)).toContain("unloaded first");
  });
});
