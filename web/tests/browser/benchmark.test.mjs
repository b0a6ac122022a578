// The flows of the benchmark's view, against the real server with tiny models.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { accessible, done, setUp, sizes } from "./page.mjs";
import { api } from "./server.mjs";

const { server, openPage } = await setUp();

async function choose(page, name) {
  await page.getByLabel("tiny-llama on llama.cpp").check();
  await page.getByLabel(/^Medium/).uncheck();
  await page.getByLabel(/^Long/).uncheck();
  await page.getByLabel("Answer, in tokens").fill("8");
  await page.getByLabel("Repetitions").fill("2");
  await page.getByLabel("Name (optional)").fill(name);
}

test("what is missing is said before anything starts", async () => {
  const page = await openPage({ path: "/#/benchmark" });
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByText("Choose at least one model and engine.").waitFor();
  await done(page);
});

test("models and lengths are chosen, measured and shown as charts and a table", async () => {
  const page = await openPage({ path: "/#/benchmark" });
  await choose(page, "first");
  await page.getByLabel("tiny-qwen3 on llama.cpp").check();
  await page.getByRole("button", { name: "Start" }).click();
  await page.locator("h1").getByText("Done").waitFor();
  for (const title of ["Reading the prompt", "Writing the answer", "Time to the first token", "Peak memory"]) {
    await page.getByRole("heading", { name: title }).waitFor();
  }
  const table = page.getByRole("table");
  assert.equal(await table.locator("tbody tr").count(), 2);
  assert.match(await table.innerText(), /tok\/s ± /);
  assert.match(await table.innerText(), /best/);
  await accessible(page, "results");
  await done(page);
});

test("a run is exported as JSON and CSV", async () => {
  const page = await openPage({ path: "/#/benchmark" });
  await page.getByRole("link", { name: "first" }).click();
  for (const [format, word] of [["JSON", '"metrics"'], ["CSV", "peak_memory"]]) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: format }).click()]);
    assert.match(download.suggestedFilename(), new RegExp(`\\.${format.toLowerCase()}$`));
    assert.ok((await readFile(await download.path(), "utf8")).includes(word), format);
  }
  await done(page);
});

test("two runs are compared", async () => {
  await api(server, "POST", "/api/v1/benchmarks", { models: [{ model: "tiny-llama", engine: "llama_cpp" }], prompt_tokens: [128], generate_tokens: [8], repetitions: 2, name: "second" });
  const page = await openPage({ path: "/#/benchmark" });
  await page.getByRole("row", { name: /second/ }).getByText("Done").waitFor();
  await page.getByRole("checkbox", { name: /^Compare first/ }).check();
  await page.getByRole("checkbox", { name: /^Compare second/ }).check();
  await page.getByRole("button", { name: "Compare the two" }).click();
  await page.getByRole("heading", { name: "Two benchmarks compared" }).waitFor();
  const rows = page.getByRole("table").locator("tbody tr");
  assert.equal(await rows.count(), 5, "prompt, first token, answer, load, memory");
  for (const text of await rows.allInnerTexts()) assert.match(text, /about the same|better|worse/);
  await accessible(page, "compared");
  await done(page);
});

test("a run is followed while it runs, survives a reload, and is cancelled", async () => {
  const page = await openPage({ path: "/#/benchmark" });
  await choose(page, "long one");
  await page.getByLabel("Repetitions").fill("100");
  await page.getByLabel("Answer, in tokens").fill("64");
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByText(/\(\d+ of \d+ steps\)/).waitFor();
  await page.reload();
  await page.getByRole("progressbar", { name: "Benchmark" }).waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.locator("h1").getByText("Cancelled").waitFor();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { name: "History" }).waitFor();
  await page.getByRole("link", { name: "first" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "long one" }).count(), 0);
  await done(page);
});

test("nothing serious for axe and nothing beside the page, at every size, light and dark", async () => {
  const [{ id }] = (await api(server, "GET", "/api/v1/benchmarks")).benchmarks;
  for (const size of Object.keys(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      for (const path of ["/#/benchmark", `/#/benchmark/${id}`]) {
        const page = await openPage({ size, colorScheme, path });
        await page.getByRole("table").first().waitFor();
        await accessible(page, `${path}, ${size}, ${colorScheme}`);
        assert.ok(await page.locator(".view").evaluate((view) => view.scrollWidth <= view.clientWidth), `${path} ${size}`);
        await done(page);
      }
    }
  }
});
