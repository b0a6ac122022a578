// The official `openai` package for Node against a running `tenfold serve`: openai_node.mjs URL MODEL
import assert from "node:assert/strict";
import OpenAI from "openai";

const [url, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });
const chat = client.chat.completions;
const question = "What is the capital of France?";
const messages = [{ role: "user", content: question }];
const greedy = { model, temperature: 0, messages };
const city = {
  type: "object",
  properties: { city: { enum: ["Paris", "Lyon"] } },
  required: ["city"],
  additionalProperties: false,
};

// Chat, whole and streamed: the same text.
const whole = await chat.create({ ...greedy, max_tokens: 24 });
assert.match(whole.choices[0].message.content, /Paris/);
let text = "";
for await (const chunk of await chat.create({ ...greedy, max_tokens: 24, stream: true })) {
  text += chunk.choices[0]?.delta.content ?? "";
}
assert.equal(text, whole.choices[0].message.content);
const last = await chat.stream({ ...greedy, max_tokens: 24 }).finalChatCompletion();
assert.equal(last.choices[0].message.content, text);

// JSON by a schema.
const format = { type: "json_schema", json_schema: { name: "city", strict: true, schema: city } };
const formatted = await chat.create({ ...greedy, response_format: format });
assert.ok(JSON.parse(formatted.choices[0].message.content).city);

// Tools: a call, its result, and an answer to it.
const tools = [{ type: "function", function: { name: "weather", parameters: city } }];
const asked = await chat.create({ ...greedy, tools, tool_choice: "required", parallel_tool_calls: false });
const [call] = asked.choices[0].message.tool_calls;
assert.ok(JSON.parse(call.function.arguments).city);
const result = { role: "tool", tool_call_id: call.id, content: "7 degrees" };
const talk = [...messages, asked.choices[0].message, result];
const told = await chat.create({ ...greedy, messages: talk, tools, tool_choice: "none", max_tokens: 8 });
assert.ok(told.choices[0].message.content);

// Text completions, responses and embeddings.
const completion = await client.completions.create({ model, prompt: "1 2 3 4", max_tokens: 4 });
assert.equal(completion.choices.length, 1);
const asks = { model, input: question, temperature: 0, max_output_tokens: 24 };
const response = await client.responses.create(asks);
assert.match(response.output_text, /Paris/);
assert.equal((await client.responses.stream(asks).finalResponse()).output_text, response.output_text);
const vectors = await client.embeddings.create({ model, input: ["one", "two"] });
assert.equal(vectors.data.length, 2);
assert.ok(Math.abs(vectors.data[0].embedding.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-3);

// Errors have their class and name the field.
await assert.rejects(chat.create({ ...greedy, model: "nobody" }),
  (error) => error instanceof OpenAI.NotFoundError && error.message.includes("nobody"));
await assert.rejects(chat.create({ ...greedy, top_p: 2 }),
  (error) => error instanceof OpenAI.BadRequestError && error.message.includes("top_p"));
console.log(`openai-node: ${model} ok`);
