// The flows of the models' view, against the real server with tiny models. Nothing can be fetched in a test, so
// downloads are answered here.
import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { accessible, done, setUp, sizes } from "./page.mjs";
import { api, modelFile, ownsServer } from "./server.mjs";

// What another program keeps, for the server to find.
const home = await mkdtemp(join(tmpdir(), "tenfold-home-"));
const other = join(home, ".lmstudio/models/somebody/kept-elsewhere");
await mkdir(other, { recursive: true });
await copyFile(modelFile("tiny-llama/tiny-llama-q4_0.gguf"), join(other, "kept-elsewhere-q4_0.gguf"));
process.env.HOME = home;
delete process.env.XDG_CACHE_HOME;
const { server, openPage } = await setUp();
after(() => rm(home, { recursive: true, force: true }));

test("a model is loaded and unloaded, and the page says where it is", async () => {
  const page = await openPage({ path: "/#/models" });
  await page.getByRole("button", { name: "Load tiny-llama" }).click();
  await page.getByText("In memory", { exact: true }).waitFor();
  await page.getByText(/tokens of context/).waitFor();
  await page.getByRole("button", { name: "Unload tiny-llama" }).click();
  await page.getByRole("button", { name: "Load tiny-llama" }).waitFor();
  await done(page);
});

test("details say what it is, which engines can run it and why others cannot", async () => {
  const page = await openPage({ path: "/#/models" });
  await page.getByRole("link", { name: "tiny-qwen3" }).click();
  const window = page.getByRole("dialog");
  await window.getByText("qwen3", { exact: true }).waitFor();
  const engines = window.getByRole("table", { includeHidden: false }).locator("tbody tr");
  assert.equal(await engines.count(), 10);
  assert.match(await engines.nth(0).innerText(), /llama\.cpp\s+Yes/);
  for (const row of await engines.filter({ hasText: "No" }).all()) assert.match(await row.innerText(), /No\s+\S.*\./s);
  await window.getByText("tiny-qwen3-f32.gguf").first().waitFor();
  await window.getByRole("heading", { name: "Memory", exact: true }).waitFor();
  await accessible(page, "details");
  await page.keyboard.press("Escape");
  await window.waitFor({ state: "detached" });
  await done(page);
});

test("a model is loaded from its details with an engine and a context size", async () => {
  const page = await openPage({ path: "/#/models/model/tiny-llama" });
  const window = page.getByRole("dialog");
  await window.getByLabel("Engine", { exact: true }).selectOption({ label: "llama.cpp" });
  await window.getByLabel("Context, in tokens").fill("128");
  await window.getByRole("button", { name: "Load" }).click();
  await window.getByText("llama.cpp and 128 tokens of context").waitFor();
  await window.getByRole("button", { name: "Unload" }).click();
  await window.getByRole("button", { name: "Load" }).waitFor();
  await done(page);
});

test("a model's preset is kept, said where the model samples, and taken out again", async () => {
  const page = await openPage({ path: "/#/models/model/tiny-llama" });
  const window = page.getByRole("dialog");
  await window.getByLabel("Temperature").fill("0.25");
  await window.getByRole("button", { name: "Save preset" }).click();
  await window.getByText("temperature 0.25 (from its preset)").waitFor();
  const presets = async () => (await api(server, "GET", "/api/v1/settings")).presets;
  assert.deepEqual(await presets(), { "tiny-llama": { temperature: 0.25 } });
  await window.getByLabel("Temperature").fill("400");
  await window.getByRole("button", { name: "Save preset" }).click();
  await window.getByText(/temperature cannot be 400/i).waitFor();
  await window.getByLabel("Temperature").fill("");
  await window.getByRole("button", { name: "Save preset" }).click();
  await window.getByText("temperature 0.25 (from its preset)").waitFor({ state: "detached" });
  assert.deepEqual(await presets(), {});
  await done(page);
});

test("the catalogue is searched and filtered; each row says whether it fits and why not", async () => {
  const page = await openPage({ path: "/#/models/get" });
  const rows = page.locator(".model-row");
  await rows.first().waitFor();
  const all = await rows.count();
  for (const text of await page.locator(".fit").allInnerTexts()) assert.match(text, /^(Fits|Does not|Not known)/);
  const refused = await rows.filter({ hasText: "Does not run here" }).allInnerTexts();
  for (const text of refused) assert.match(text, /Does not run here: it needs \S+.*: ./);
  assert.ok(refused.some((text) => /; or take [a-z][\w.-]+\.$|\. Use a/m.test(text)), refused.join("\n"));
  assert.match(await rows.first().innerText(), /A small model in its form ran on \d{4}-\d\d-\d\d\./);
  for (const row of await rows.filter({ hasText: "Not tried" }).all()) assert.match(await row.innerText(), /No file in its form has been tried yet/);
  await page.getByLabel("Search models").fill("smollm2 instruct");
  await page.getByText(new RegExp(`^\\d+ of ${all} models$`)).waitFor();
  for (const text of await rows.allInnerTexts()) assert.match(text, /smollm2/i);
  await page.getByLabel("Size").selectOption("500000000");
  await page.getByLabel("Fits this machine").check();
  assert.ok((await rows.count()) > 0);
  await page.getByLabel("Search models").fill("no such model");
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByText(`${all} models`, { exact: true }).waitFor();
  await accessible(page, "the catalogue");
  await done(page);
});

test("a file is added by its path; a refusal keeps what was typed; removing says that the file stays", async () => {
  const page = await openPage({ path: "/#/models/add" });
  await page.getByLabel("Path").fill("models/a.gguf");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText("beginning with /").waitFor();
  await page.getByLabel("Path").fill("/nowhere/a.gguf");
  await page.getByLabel("Name (optional)").fill("added");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.locator("[aria-invalid]").waitFor();
  assert.equal(await page.getByLabel("Name (optional)").inputValue(), "added");
  await page.getByLabel("Path").fill(modelFile("tiny-llama/tiny-llama-q8_0.gguf"));
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText("added is added.").waitFor();
  await page.getByRole("tab", { name: /On this machine/ }).click();
  await page.getByRole("button", { name: "More for added" }).click();
  await page.getByRole("menuitem", { name: "Remove…" }).click();
  await page.getByText(/only forgets it.*stays where it is/).waitFor();
  await page.getByRole("button", { name: "Forget it" }).click();
  await page.getByText("added is removed.").waitFor();
  assert.ok(!(await api(server, "GET", "/api/v1/models")).models.some(({ name }) => name === "added"));
  await done(page);
});

test("models that another program keeps are chosen and added where they lie", { skip: !ownsServer }, async () => {
  const page = await openPage({ path: "/#/models/add" });
  await page.getByLabel(/kept-elsewhere/).uncheck();
  assert.ok(await page.getByRole("button", { name: "Add 0 models" }).isDisabled());
  await page.getByLabel(/kept-elsewhere/).check();
  await page.getByRole("button", { name: "Add 1 model" }).click();
  await page.getByText("Nothing new was found").waitFor();
  const { models } = await api(server, "GET", "/api/v1/models");
  const adopted = models.find(({ origin }) => origin === "adopted");
  assert.ok(adopted.path.startsWith(home) && !adopted.owned);
  await done(page);
});

test("a download shows its progress, and is paused, resumed and cancelled", async () => {
  const page = await openPage({ path: "/#/models/get" });
  const download = { id: "7", model: "hf:owner/name", step: "", file: "a.gguf", file_number: 1, file_count: 1, done_bytes: 4e7, total_bytes: 1e8, bytes_per_second: 5e6, seconds_left: 12, stored_as: null, error: null };
  const list = [];
  await page.route("**/api/v1/downloads", (route) => {
    if (route.request().method() === "GET") return route.fulfill({ json: { downloads: list } });
    list.unshift({ ...download, id: String(7 + list.length), model: route.request().postDataJSON().model, state: "running" });
    return route.fulfill({ status: 202, json: list[0] });
  });
  await page.route("**/api/v1/downloads/*/cancel", (route) => {
    list[0].state = "cancelled";
    return route.fulfill({ status: 202, json: list[0] });
  });
  await page.getByLabel("Hugging Face model or web address").fill("hf:owner/name");
  await page.getByRole("button", { name: "Download", exact: true }).click();
  await page.getByText("40.0 MB of 100 MB · 5.0 MB/s · 12 s left").waitFor();
  assert.equal(await page.getByRole("progressbar", { name: "Download of hf:owner/name" }).getAttribute("value"), "0.4");
  await page.getByRole("button", { name: "Pause the download of hf:owner/name" }).click();
  await page.getByText("Paused at 40.0 MB of 100 MB").waitFor();
  await page.getByRole("button", { name: "Resume: hf:owner/name" }).click();
  await page.getByText("12 s left").waitFor();
  await page.getByRole("button", { name: "Cancel the download of hf:owner/name" }).click();
  await page.getByRole("heading", { name: "Downloads" }).waitFor({ state: "detached" });
  await done(page);
});

test("what unfinished downloads left is told and deleted", { skip: !ownsServer }, async () => {
  const { folder } = await api(server, "GET", "/api/v1/disk");
  await writeFile(join(folder, "half.gguf.partial"), "x".repeat(3e6));
  const page = await openPage({ path: "/#/models" });
  await page.getByText("3.0 MB of that are downloads that were not finished.").waitFor();
  await page.getByRole("button", { name: "Delete unfinished downloads" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("3.0 MB are free again.").waitFor();
  await page.getByRole("button", { name: "Delete unfinished downloads" }).waitFor({ state: "detached" });
  await done(page);
});

test("nothing serious for axe and nothing beside the page, at every size, light and dark", async () => {
  for (const size of Object.keys(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await openPage({ size, colorScheme, path: "/#/models" });
      for (const tab of [/On this machine/, "Get models", "Add your own"]) {
        await page.getByRole("tab", { name: tab }).click();
        await page.locator(".card").first().waitFor();
        await accessible(page, `models, ${tab}, ${size}, ${colorScheme}`);
        assert.ok(await page.locator(".view").evaluate((view) => view.scrollWidth <= view.clientWidth), `${tab} ${size}`);
      }
      await done(page);
    }
  }
});
