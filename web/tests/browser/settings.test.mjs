// The settings, against the real server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, done, setUp, sizes } from "./page.mjs";
import { api } from "./server.mjs";

const { server, openPage } = await setUp();

async function setting(key) {
  const { settings } = await api(server, "GET", "/api/v1/settings");
  return settings.find((one) => one.key === key);
}

test("a value is checked while it is typed, saved, and put back to the default", async () => {
  const page = await openPage({ path: "/#/settings" });
  await page.getByLabel("Temperature", { exact: true }).fill("-1");
  await page.getByText("At least 0.", { exact: true }).waitFor();
  assert.ok(await page.getByRole("button", { name: "Save" }).isDisabled());
  await page.getByLabel("Temperature", { exact: true }).fill("0.25");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  assert.equal((await setting("temperature")).value, 0.25);
  await page.getByLabel("Temperature", { exact: true }).fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Save" }).waitFor({ state: "detached" });
  assert.equal((await setting("temperature")).value, null);
  await done(page);
});

test("what is not saved survives other views, a reload and a refusal", async () => {
  const page = await openPage({ path: "/#/settings" });
  await page.getByLabel("Top-k", { exact: true }).fill("17");
  await page.getByRole("tab", { name: "Models and memory" }).click();
  await page.getByLabel("Unload when idle").fill("60");
  await page.getByText("2 changes are not saved.").waitFor();
  await page.getByRole("link", { name: "Monitor" }).click();
  await page.getByRole("link", { name: "Settings" }).click();
  await page.reload();
  assert.equal(await page.getByLabel("Top-k", { exact: true }).inputValue(), "17");
  const refusal = { error: { code: "invalid_argument", message: "top_k: 17 is not allowed today", hint: "take another" } };
  await page.route("**/api/v1/settings", (route) => (route.request().method() === "PATCH" ? route.fulfill({ status: 400, json: refusal }) : route.continue()));
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").getByText("Take another.").waitFor();
  assert.equal(await page.locator("[aria-invalid]").inputValue(), "17");
  await page.unroute("**/api/v1/settings");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/Unload when idle: acts when Tenfold is started again/).waitFor();
  assert.deepEqual([(await setting("top_k")).value, (await setting("idle_unload")).value], [17, 60]);
  await api(server, "PATCH", "/api/v1/settings", { top_k: null, idle_unload: null });
  await done(page);
});

test("changes can be discarded", async () => {
  const page = await openPage({ path: "/#/settings" });
  await page.getByLabel("Seed").fill("5");
  await page.getByRole("button", { name: "Discard" }).click();
  assert.equal(await page.getByLabel("Seed").inputValue(), "");
  await done(page);
});

test("each setting says what it does, and what the command line holds fast", async () => {
  const page = await openPage({ path: "/#/settings/models" });
  await page.getByLabel("Default model").waitFor();
  for (const field of await page.locator(".setting-fields .field").all()) assert.ok((await field.locator(".field-hint").innerText()).length > 10);
  await page.getByText(/Now tiny-llama, from the command line/).waitFor();
  await done(page);
});

test("the ten engines: what they can do, or why they are not here and how to get them", async () => {
  const page = await openPage({ path: "/#/settings/engines" });
  const rows = page.locator(".engine-list > li");
  await rows.first().waitFor();
  assert.equal(await rows.count(), 10);
  const { engines } = await api(server, "GET", "/api/v1/engines");
  for (const { title, status, reason } of engines.filter(({ status }) => status !== "present")) {
    const text = await rows.filter({ hasText: title }).first().innerText();
    assert.match(text, status === "absent" ? /Not installed/ : /Cannot run here/);
    assert.ok(text.toLowerCase().includes(reason.toLowerCase().slice(0, 30)), title);
  }
  await done(page);
});

test("an engine's options are its own list, checked and saved", async () => {
  const page = await openPage({ path: "/#/settings/engines" });
  await page.getByText(/options of llama\.cpp/).click();
  await page.getByLabel("kv_cache_type_k").selectOption("q8_0");
  await page.getByLabel("poll", { exact: true }).fill("400");
  await page.getByText("At most 100.").waitFor();
  await page.getByLabel("poll", { exact: true }).fill("20");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/Engine options: acts when Tenfold is started again/).waitFor();
  assert.deepEqual((await setting("engine_option")).value, ["llama_cpp.kv_cache_type_k=q8_0", "llama_cpp.poll=20"]);
  await api(server, "PATCH", "/api/v1/settings", { engine_option: null });
  await done(page);
});

test("colours act at once, stay, and are where another browser begins", async () => {
  const page = await openPage({ path: "/#/settings/page" });
  await page.getByLabel("Dark").check();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.waitForFunction(async () => (await (await fetch("/api/v1/settings")).json()).settings.find(({ key }) => key === "theme").value === "dark");
  const other = await openPage();
  await other.waitForFunction(() => document.documentElement.dataset.theme === "dark");
  await page.getByLabel("As the system says").check();
  await done(other);
  await done(page);
});

test("the server's part shows who may ask and where things lie, never a key", async () => {
  const page = await openPage({ path: "/#/settings/server" });
  await page.getByRole("heading", { name: "Keys" }).waitFor();
  await page.getByText(/There are none|May/).first().waitFor();
  await page.getByRole("tab", { name: "Page and data" }).click();
  await page.getByText("config.json").waitFor();
  await done(page);
});

test("nothing serious for axe and nothing beside the page, at every size, light and dark", async () => {
  for (const size of Object.keys(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await openPage({ size, colorScheme, path: "/#/settings" });
      for (const tab of ["Answers", "Models and memory", "Engines", "Server and keys", "Page and data"]) {
        await page.getByRole("tab", { name: tab }).click();
        await page.locator(".card").first().waitFor();
        await accessible(page, `settings, ${tab}, ${size}, ${colorScheme}`);
        assert.ok(await page.locator(".view").evaluate((view) => view.scrollWidth <= view.clientWidth), `${tab} ${size}`);
      }
      await done(page);
    }
  }
});
