// An empty store: one button gets the recommended model. Nothing can be fetched in a test, so the download is
// answered here; everything before and after it is the real server's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, done, setUp } from "./page.mjs";
import { api, modelFile, ownsServer } from "./server.mjs";

const { server, openPage } = await setUp({ withModels: false });

test("two clicks lead to the first answer", { skip: !ownsServer }, async () => {
  const page = await openPage();
  await page.getByRole("heading", { name: "Welcome to Tenfold" }).waitFor();
  await accessible(page, "the first run");
  const download = {
    id: "1",
    model: "smollm2-135m-instruct",
    step: "",
    file: "",
    file_number: 1,
    file_count: 1,
    done_bytes: 40e6,
    total_bytes: 98e6,
    bytes_per_second: 2e7,
    seconds_left: 3,
    stored_as: null,
    error: null,
  };
  await page.route("**/api/v1/downloads", (route) =>
    route.request().method() === "POST" ? route.fulfill({ status: 202, json: { ...download, state: "running" } }) : route.continue(),
  );
  await page.route("**/api/v1/downloads/1/events", async (route) => {
    await api(server, "POST", "/api/v1/models", { path: modelFile("tiny-llama/tiny-llama-f32.gguf"), name: "smollm2-135m-instruct" });
    const events = ["running", "done"].map((state) => `event: ${state}\ndata: ${JSON.stringify({ ...download, state })}\n\n`);
    await route.fulfill({ status: 200, contentType: "text/event-stream", body: events.join("") });
  });
  await page.getByRole("button", { name: "Get it and begin" }).click();
  await page.getByRole("button", { name: "Name three primary colors." }).click();
  await page.locator(".answer .measured").waitFor();
  assert.equal(await page.locator(".bubble").innerText(), "Name three primary colors.");
  await done(page);
});
