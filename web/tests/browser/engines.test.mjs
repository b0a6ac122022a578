// The same model on two engines: side by side, and one after the other in a conversation.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, askAndWait, done, ended, setUp } from "./page.mjs";
import { api, modelFile } from "./server.mjs";

const { server, openPage } = await setUp();
const { engines } = await api(server, "GET", "/api/v1/engines");
const here = engines.some(({ name, status }) => name === "onnxruntime" && status === "present");
const both = { skip: here ? false : "ONNX Runtime is not in this build: tenfold engines add onnxruntime" };
if (here) {
  await api(server, "POST", "/api/v1/models", { path: modelFile("tiny-llama/onnx-f32/model.onnx"), name: "tiny-onnx" });
  await api(server, "POST", "/api/v1/models", { path: modelFile("tiny-llama/onnx-int4/onnx/model_q4.onnx"), name: "tiny-onnx-int4" });
}

/** A conversation with one answer of llama.cpp, in which the likeliest token is always taken. */
async function answered(question) {
  const { id } = await api(server, "POST", "/api/v1/conversations", { model: "tiny-llama", settings: { temperature: 0 } });
  const page = await openPage({ path: `/#/chat/${id}` });
  await askAndWait(page, question);
  return page;
}

async function askBeside(page, model) {
  await page.getByRole("button", { name: "More for this answer" }).click();
  await page.getByRole("menuitem", { name: "Side by side with another…" }).click();
  await page.getByLabel("Ask this one the same").selectOption({ label: `${model} on ONNX Runtime` });
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await page.locator(".parity-side").nth(1).locator(".measured").waitFor();
}

async function texts(page) {
  const { messages } = await api(server, "GET", `/api/v1/conversations/${/\d+$/.exec(page.url())[0]}`);
  return messages.filter(({ role }) => role === "assistant").map(({ content }) => content);
}

test("two engines give the same answer with the same weights, and the page says so", both, async () => {
  const page = await answered("Once upon a time");
  await askBeside(page, "tiny-onnx");
  await page.getByText("Both answers are the same, to the last character.").waitFor();
  await page.getByRole("region", { name: "Left: tiny-llama on llama.cpp" }).waitFor();
  await page.getByRole("region", { name: "Right: tiny-onnx on ONNX Runtime" }).waitFor();
  assert.equal(await page.locator(".parity mark").count(), 0);
  const [left, right] = await texts(page);
  assert.equal(left, right);
  await done(page);
});

test("where two answers part is marked on both sides, and one of them is gone on with", both, async () => {
  const page = await answered("Once upon a time");
  await askBeside(page, "tiny-onnx-int4");
  const [left, right] = await texts(page);
  const verdict = await page.getByText(/^The first \d+ characters are the same\.$/).innerText();
  const same = Number(/\d+/.exec(verdict)[0]);
  assert.equal(left.slice(0, same), right.slice(0, same));
  const sides = page.locator(".parity-text");
  for (const [side, text] of [left, right].entries()) {
    assert.equal(await sides.nth(side).evaluate((box) => box.textContent), text);
    const marked = (await sides.nth(side).locator("mark").allTextContents()).join("");
    assert.ok(marked.length > 0 && marked.length <= text.length - same, `${marked} in ${text}`);
    const first = await sides
      .nth(side)
      .locator("mark")
      .first()
      .evaluate((mark) => mark.previousSibling?.textContent ?? "");
    assert.equal(first, text.slice(0, same));
  }
  await accessible(page, "differences");
  await page.locator(".parity-side").nth(0).getByRole("button", { name: "Go on with this one" }).click();
  await page.locator("dialog").waitFor({ state: "detached" });
  await page.locator(".answer-head").getByText("llama.cpp").waitFor();
  await done(page);
});

test("another engine goes on in the middle, and sees what was said before", both, async () => {
  const page = await answered("Tell me about a dog");
  await page.locator(".picker").click();
  await page.getByRole("menuitem", { name: /^tiny-onnx ?ONNX/ }).click();
  await page.locator(".picker").getByText("ONNX Runtime").waitFor();
  await askAndWait(page, "And about a cat");
  await page.reload();
  await page.locator(".answer").nth(1).waitFor();
  const heads = await page.locator(".answer-head").allInnerTexts();
  assert.match(heads[0], /tiny-llama\s+llama\.cpp/);
  assert.match(heads[1], /tiny-onnx\s+ONNX Runtime/);
  assert.match(await page.locator(".picker").innerText(), /tiny-onnx\s+ONNX Runtime/);
  await page.getByRole("button", { name: "More for this answer" }).last().click();
  await page.getByRole("menuitem", { name: "What the model saw…" }).click();
  await page.locator(".exact pre").getByText("Tell me about a dog").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  await page.locator(".picker").click();
  await page.getByRole("menuitem", { name: /^tiny-llama/ }).click();
  await askAndWait(page, "And about both");
  assert.equal(await page.locator(".bubble").count(), 3);
  assert.match(await page.locator(".answer-head").last().innerText(), /tiny-llama\s+llama\.cpp/);
  await done(page);
});
