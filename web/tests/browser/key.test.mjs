// A server that has a key: the page asks for it, and this browser keeps it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, askAndWait, done, setUp } from "./page.mjs";
import { ownsServer } from "./server.mjs";

const key = "a key of this test, long enough for one";
const { openPage } = await setUp({ key });
const withKey = { skip: ownsServer ? false : "the server is another's" };

test("the page asks for the key; a wrong one is named, the right one is kept", withKey, async () => {
  const page = await openPage();
  const dialog = page.getByRole("dialog", { name: "This server asks for an API key" });
  const field = dialog.getByLabel("API key");
  const enter = async (text) => {
    await field.fill(text);
    await Promise.all([page.waitForEvent("load"), field.press("Enter")]);
  };
  await field.waitFor();
  assert.equal(await field.getAttribute("type"), "password");
  await accessible(page, "the window of the key");
  assert.equal(await dialog.getByText("not one of this server's").count(), 0);

  await enter("another key");
  await dialog.getByText("The key this browser has is not one of this server's.").waitFor();

  await enter(key);
  await askAndWait(page, "Once upon a time");
  assert.equal(await dialog.count(), 0);

  await page.reload();
  await askAndWait(page, "And then");
  const second = await openPage({ context: page.context(), path: "/#/monitor" });
  await second.getByRole("row", { name: /tiny-llama/ }).waitFor();
  await second.goto(second.url().replace("monitor", "settings/server"));
  await second.getByRole("row", { name: /get answers, see the monitor, manage models and settings/ }).waitFor();
  assert.equal(await second.getByText(key).count(), 0);
  assert.equal(await dialog.count(), 0);

  await second.getByRole("textbox", { name: "API key", description: /Sent with each request/ }).fill("");
  await second.getByRole("button", { name: "Keep it" }).click();
  await second.getByText("This browser sends no key any more.").waitFor();
  await second.reload();
  await second.getByRole("dialog", { name: "This server asks for an API key" }).waitFor();
  assert.deepEqual(second.faults, []);
  await done(page);
});
