// Makes docs/screenshots: web/tests/browser/run BINARY web/tests/browser/screenshots.mjs. Look at them afterwards.
import { mkdir } from "node:fs/promises";
import { test } from "node:test";
import { done, ended, message, setUp, sizes } from "./page.mjs";
import { api } from "./server.mjs";

const folder = new URL("../../../docs/screenshots/", import.meta.url).pathname;
const others = ["models", "benchmark", "monitor", "settings"];

await mkdir(folder, { recursive: true });
const { server, openPage } = await setUp({ model: "smollm2" });
for (const title of ["Ideas for a small garden", "Letter to the library", "What is a prime number?"]) await imported(title, [title, "…"]);
const id = await imported("Reversing a string", [
  "Write a Python function that reverses a string.",
  'A slice does it:\n\n```python\ndef reverse(text: str) -> str:\n    return text[::-1]  # from the end, one by one\n\nprint(reverse("Tenfold"))\n```\n\nIt copies each of the $n$ characters once:\n\n$$T(n) = \\sum_{i=1}^{n} c = c \\cdot n \\in O(n)$$\n\n| way | needs | note |\n|--|--|--|\n| slice | one line | the usual one |\n| `reversed` | `"".join` | an iterator |\n| loop | three lines | slow in Python |',
]);

async function imported(title, texts) {
  const messages = texts.map((content, at) => ({
    id: at + 1,
    parent: at || null,
    role: at % 2 ? "assistant" : "user",
    content,
    state: "complete",
    ...(at % 2 ? { model: "smollm2", engine: "llama_cpp" } : {}),
  }));
  const body = { tenfold_conversation: 1, title, head: texts.length, messages, settings: { temperature: 0, max_tokens: 60 } };
  return (await api(server, "POST", "/api/v1/conversations/import", body)).id;
}

async function shoot(page, name) {
  await page.screenshot({ path: `${folder}${name}.png`, animations: "disabled", caret: "hide" });
}

for (const size of Object.keys(sizes)) {
  test(`every view, ${size}`, async () => {
    const page = await openPage({ size });
    await page.getByRole("heading", { name: "What would you like to know?" }).waitFor();
    await shoot(page, `start-${size}`);
    await page.goto(`${server.url}/#/chat/${id}`);
    await page.locator(".answer .katex").nth(1).waitFor();
    await message(page).fill("What is the capital of France?");
    if (size === "desktop") {
      await message(page).press("Enter");
      await ended(page);
    }
    await page.locator(".gauge").waitFor();
    await shoot(page, `chat-${size}`);
    for (const view of others) {
      await page.goto(`${server.url}/#/${view}`);
      await page.locator("main h1").waitFor();
      await page.waitForTimeout(1500);
      await shoot(page, `${view}-${size}`);
    }
    await done(page);
  });
}

test("the windows of the chat, and the dark theme", async () => {
  const page = await openPage({ colorScheme: "dark", path: `/#/chat/${id}` });
  await page.locator(".answer .katex").nth(1).waitFor();
  await shoot(page, "dark-desktop");
  await page.getByRole("button", { name: "More for this answer" }).last().click();
  await page.getByRole("menuitem", { name: "Side by side with another…" }).click();
  const other = page.getByLabel("Ask this one the same");
  await other.selectOption(await other.locator("option", { hasText: "tiny-qwen3" }).first().getAttribute("value"));
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await page.getByText(/characters are the same|Both answers are the same/).waitFor();
  await shoot(page, "parity-desktop");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "More for this answer" }).last().click();
  await page.getByRole("menuitem", { name: "What the model saw…" }).click();
  await page.getByRole("tab", { name: "Tokens" }).click();
  await page.locator(".tokens li").first().waitFor();
  await shoot(page, "prompt-desktop");
  await done(page);
});
