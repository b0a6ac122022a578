// The monitor, against the real server with tiny models.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, done, setUp, sizes } from "./page.mjs";
import { api } from "./server.mjs";

const { server, openPage } = await setUp();

function tile(page, name) {
  return page.getByRole("region", { name, exact: true });
}

test("without a model it says so, and what is not known has a reason", async () => {
  const page = await openPage({ path: "/#/monitor" });
  await page.getByRole("heading", { name: "No model is in memory" }).waitFor();
  for (const name of ["Temperature", "Battery"]) {
    const text = await tile(page, name).innerText();
    assert.match(text, /°C|%|(Not known|None)\s+\S.*\./s);
  }
  await page.getByRole("button", { name: "Load one" }).click();
  await page.getByRole("heading", { name: "Models", exact: true }).waitFor();
  await done(page);
});

test("a model in memory is shown with its memory; its coming and going are events", async () => {
  const page = await openPage({ path: "/#/monitor" });
  await api(server, "POST", "/api/v1/load", { model: "tiny-llama" });
  const row = page.getByRole("row", { name: /tiny-llama/ });
  await row.getByRole("meter", { name: "Memory of tiny-llama" }).waitFor();
  await row.getByText(/Idle, unloads in/).waitFor();
  await page.getByText("Loaded", { exact: true }).first().waitFor();
  await row.getByRole("button", { name: "Unload tiny-llama" }).click();
  await page.getByRole("heading", { name: "No model is in memory" }).waitFor();
  await page.getByText("Unloaded", { exact: true }).first().waitFor();
  await done(page);
});

test("speed is live while an answer is made, and the charts say in words what they show", async () => {
  const page = await openPage({ path: "/#/monitor" });
  await tile(page, "Writing speed").waitFor();
  const answer = api(server, "POST", "/v1/completions", { model: "tiny-llama", prompt: "Once upon a time", max_tokens: 200 });
  await page.waitForFunction(() => /^[1-9]/.test(document.querySelector('[aria-label="Writing speed"] .tile-value')?.textContent ?? ""));
  await answer;
  await page.getByRole("img", { name: /^Writing speed: now .* in the last 2 minutes/ }).waitFor();
  await page.getByRole("img", { name: /^Processor: now \d+%/ }).waitFor();
  await done(page);
});

test("events that a user may wonder about are explained", async () => {
  const page = await openPage();
  const status = await api(server, "GET", "/api/v1/status");
  const event = { id: 900, time: Date.now() / 1000 - 90, kind: "evicted", model: "tiny-llama", text: "tiny-llama was unloaded to make room for tiny-qwen3" };
  const died = { ...event, id: 901, kind: "died", text: "the engine of tiny-llama ended with SIGSEGV" };
  await page.route("**/api/v1/events", (route) => route.fulfill({ contentType: "text/event-stream", body: `event: status\ndata: ${JSON.stringify({ ...status, events: [died, event] })}\n\n` }));
  await page.goto(`${server.url}/#/monitor`);
  await page.reload();
  const list = page.getByRole("listitem");
  await list.filter({ hasText: "Made room" }).getByText("tiny-llama was unloaded to make room for tiny-qwen3.").waitFor();
  await list.filter({ hasText: "Made room" }).getByText(/Raise the memory limit/).waitFor();
  await list.filter({ hasText: "Engine died" }).getByText(/Only this model was hit/).waitFor();
  await list.getByText("1 min ago").first().waitFor();
  await done(page);
});

test("nothing serious for axe and nothing beside the page, at every size, light and dark", async () => {
  await api(server, "POST", "/api/v1/load", { model: "tiny-llama" });
  for (const size of Object.keys(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await openPage({ size, colorScheme, path: "/#/monitor" });
      await page.getByRole("meter", { name: "Memory of tiny-llama" }).waitFor();
      await accessible(page, `monitor, ${size}, ${colorScheme}`);
      assert.ok(await page.locator(".view").evaluate((view) => view.scrollWidth <= view.clientWidth), size);
      await done(page);
    }
  }
});
