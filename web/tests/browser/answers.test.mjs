// What answers hold beside free text: thoughts, calls of tools, and a form that was asked for. A tiny model makes none of them
// by itself, so a constraint or a bias leads it there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, askAndWait, done, ended, message, setUp } from "./page.mjs";
import { api } from "./server.mjs";

const { server, openPage } = await setUp();

async function chatWith(settings) {
  const { id } = await api(server, "POST", "/api/v1/conversations", { model: "tiny-llama", settings: { temperature: 0, ...settings } });
  return openPage({ path: `/#/chat/${id}` });
}

function conversation(page, method = "GET", body) {
  return api(server, method, `/api/v1/conversations/${/\d+$/.exec(page.url())[0]}`, body);
}

async function openForm(page) {
  await page.getByRole("button", { name: "Settings of this chat" }).click();
  await page.getByText("Form and tools").click();
}

async function save(page) {
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("dialog").waitFor({ state: "detached" });
}

test("thoughts are folded, and unfold", async () => {
  const messages = [
    { id: 1, parent: null, role: "user", content: "Is the sky blue?", state: "complete" },
    { id: 2, parent: 1, role: "assistant", reasoning: "The sky is blue.", content: "Yes.", state: "complete" },
  ];
  const { id } = await api(server, "POST", "/api/v1/conversations/import", { tenfold_conversation: 1, title: "Sky", head: 2, messages });
  const page = await openPage({ path: `/#/chat/${id}` });
  const answer = page.locator(".answer");
  const thought = answer.getByText(/The sky is/);
  await answer
    .locator(".prose")
    .getByText(/^(Yes|No)\.$/)
    .waitFor();
  assert.equal(await thought.count(), 0);
  await answer.getByText("Thoughts").click();
  await thought.waitFor();
  await accessible(page, "thoughts");
  await answer.getByText("Thoughts").click();
  await thought.waitFor({ state: "detached" });
  await page.reload();
  await answer.getByText("Thoughts").press("Enter");
  await thought.waitFor();
  await done(page);
});

test("a call of a tool is shown; what the tool says goes back to the model", async () => {
  const parameters = JSON.stringify({ type: "object", properties: { city: { enum: ["Paris", "Rome"] } }, required: ["city"] });
  const { tokens } = await api(server, "POST", "/api/v1/tokenize", { model: "tiny-llama", text: "<" });
  const page = await chatWith({
    // The only answer allowed is unlikely, and what begins a call is made likely.
    tools: [{ name: "weather", description: "In a city", parameters }],
    constraint: { kind: "json_schema", text: '{"type": "null"}' },
    logit_bias: { [tokens.at(-1)]: 100 },
  });
  await askAndWait(page, "What is the weather in Rome?");
  const [, { tool_calls }] = (await conversation(page)).messages;
  assert.equal(tool_calls[0].name, "weather");
  const call = page.locator(".tool-calls details");
  await call.getByText("Calls weather").waitFor();
  assert.deepEqual(JSON.parse(await call.locator("pre").innerText()), JSON.parse(tool_calls[0].arguments));
  await accessible(page, "a call of a tool");
  await call.locator("summary").click();
  await call.locator("pre").waitFor({ state: "hidden" });
  await page.reload();
  await call.locator("pre").waitFor();

  await conversation(page, "PATCH", { settings: { temperature: 0, max_tokens: 20 } });
  await page.getByLabel("What weather says").fill("18 degrees and dry");
  await page.getByRole("button", { name: "Give it to the model" }).click();
  await page.getByRole("article", { name: "Result of a tool" }).getByText("18 degrees and dry").waitFor();
  await page.locator(".answer").nth(1).waitFor();
  await ended(page);
  assert.equal(await page.getByLabel("What weather says").count(), 0);
  const { messages } = await conversation(page);
  assert.deepEqual(
    messages.map(({ role }) => role),
    ["user", "assistant", "tool", "assistant"],
  );
  assert.equal(messages[2].tool_call_id, tool_calls[0].id);
  await done(page);
});

test("tools are given as JSON, and what is no list of tools is said", async () => {
  const page = await chatWith({});
  await openForm(page);
  const tools = page.getByLabel("Tools the model may call, as JSON");
  for (const [text, fault] of [
    ["[{", "This is not JSON yet."],
    ['{"name": "a"}', "Tools are a list"],
    ['[{"description": "a"}]', "Each tool needs a name."],
  ]) {
    await tools.fill(text);
    await page.getByText(fault).waitFor();
    assert.ok(await page.getByRole("button", { name: "Save" }).isDisabled());
  }
  await tools.fill('[{"name": "clock", "parameters": {"type": "object", "properties": {"zone": {"type": "string"}}}}]');
  await save(page);
  const { settings } = await conversation(page);
  assert.deepEqual(
    settings.tools.map(({ name }) => name),
    ["clock"],
  );
  await page.reload();
  await openForm(page);
  assert.equal(JSON.parse(await tools.inputValue())[0].parameters.properties.zone.type, "string");
  await done(page);
});

test("an answer has the form that was asked for; what is wrong with a schema is said where it can be mended", async () => {
  const page = await chatWith({ max_tokens: 60 });
  await openForm(page);
  await page.getByLabel("Form of the answer").selectOption("JSON that matches a schema");
  await page.getByRole("button", { name: "Save" }).click();
  await page
    .getByRole("alert")
    .getByText(/is empty/)
    .waitFor();
  const schema = page.getByLabel("Schema, expression or grammar");
  await schema.fill('{"type": "objekt"}');
  await save(page);
  await message(page).fill("A color and a number, please.");
  await message(page).press("Enter");
  await page.locator(".answer").getByText("The JSON schema cannot be used: Invalid type: objekt.").waitFor();
  await page.locator(".answer").getByText("Correct the JSON schema.").waitFor();

  await openForm(page);
  assert.equal(await schema.inputValue(), '{"type": "objekt"}');
  const properties = { color: { enum: ["red", "blue"] }, number: { type: "integer", minimum: 0, maximum: 9 } };
  await schema.fill(JSON.stringify({ type: "object", properties, required: ["color", "number"], additionalProperties: false }));
  await accessible(page, "form and tools");
  await save(page);
  await page.getByRole("button", { name: "Try again" }).click();
  await ended(page);
  const { color, number } = JSON.parse(await page.locator(".answer .prose").innerText());
  assert.ok(["red", "blue"].includes(color) && number >= 0 && number <= 9, `${color}, ${number}`);

  await page.reload();
  await openForm(page);
  await page.getByLabel("Form of the answer").selectOption("A regular expression");
  await schema.fill("(North|South) \\d\\d km");
  await save(page);
  await askAndWait(page, "Which way?");
  assert.match(await page.locator(".answer .prose").last().innerText(), /^(North|South) \d\d km$/);
  await done(page);
});
