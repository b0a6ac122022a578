// The flows of the chat, against the real server with tiny models.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, askAndWait, done, ended, message, quietMachine, setUp, sizes } from "./page.mjs";
import { api } from "./server.mjs";

const { server, openPage } = await setUp();

/** A conversation made through the API: text of `messages` in turn from user and assistant. */
async function stored(title, ...texts) {
  const messages = texts.map((content, at) => ({
    id: at + 1,
    parent: at || null,
    role: at % 2 ? "assistant" : "user",
    content,
    state: "complete",
  }));
  return (await api(server, "POST", "/api/v1/conversations/import", { tenfold_conversation: 1, title, head: texts.length, messages })).id;
}

test("a question is answered, with speed, engine and tokens beside it", async () => {
  const page = await openPage();
  await askAndWait(page, "Once upon a time");
  const answer = page.locator(".answer").last();
  assert.match(await answer.locator(".measured").innerText(), /tok\/s.*first after.*tokens/s);
  assert.match(await answer.locator(".answer-head").innerText(), /tiny-llama/);
  assert.match(page.url(), /#\/chat\/\d+$/);
  assert.equal(await message(page).inputValue(), "");
  await done(page);
});

test("first paint comes within a second on a quiet machine", async () => {
  const page = await openPage();
  await page.getByRole("heading", { name: "What would you like to know?" }).waitFor();
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime);
  console.log(`first paint: ${paint.toFixed()} ms`);
  assert.ok(paint < 1000 || !quietMachine, `${paint} ms`);
  await done(page);
});

test("an edited question is a branch; the old one can be shown again", async () => {
  const page = await openPage();
  await askAndWait(page, "Tell me about a dog");
  await page.locator(".question").hover();
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Edit the message").fill("Tell me about a cat");
  await page.getByLabel("Edit the message").press("Enter");
  await page.getByText("2/2").first().waitFor();
  await ended(page);
  assert.equal(await page.locator(".bubble").innerText(), "Tell me about a cat");
  await page.getByRole("button", { name: "Previous version" }).first().click();
  await page.getByText("Tell me about a dog").and(page.locator(".bubble")).waitFor();
  await done(page);
});

test("an answer can be made again and continued", async () => {
  const page = await openPage();
  await askAndWait(page, "One more story");
  await page.getByRole("button", { name: "Answer again" }).click();
  await page.locator(".answer").getByText("2/2").waitFor();
  await ended(page);
  await page.getByRole("button", { name: "More for this answer" }).click();
  await page.getByRole("menuitem", { name: "Continue the answer" }).click();
  await ended(page);
  assert.equal(await page.locator(".answer").count(), 1);
  await done(page);
});

test("another model goes on with the conversation", async () => {
  const page = await openPage();
  await askAndWait(page, "First");
  await page.locator(".picker").click();
  await page
    .getByRole("menuitem", { name: /tiny-qwen3/ })
    .first()
    .click();
  await page.locator(".picker").getByText("tiny-qwen3").waitFor();
  await askAndWait(page, "Second");
  assert.match(await page.locator(".answer-head").nth(0).innerText(), /tiny-llama/);
  assert.match(await page.locator(".answer-head").nth(1).innerText(), /tiny-qwen3/);
  await done(page);
});

test("conversations are found, renamed, pinned, deleted and restored", async () => {
  await stored("Garden plans", "What shall I plant?", "Plant a pear tree.");
  await stored("Travel", "Where to?", "To the sea.");
  const page = await openPage();
  const list = page.getByRole("navigation", { name: "Conversations" });
  await page.getByLabel("Search conversations").fill("pear tree");
  await list.getByText("Plant a pear tree.").waitFor();
  assert.equal(await list.getByText("Travel").count(), 0);
  await page.getByLabel("Search conversations").fill("");
  await list.getByText("Travel", { exact: true }).waitFor();
  const menu = async (title, entry) => {
    await list.getByRole("link", { name: title }).hover();
    await page.getByRole("button", { name: `More for “${title}”` }).click();
    await page.getByRole("menuitem", { name: entry }).click();
  };
  await menu("Travel", "Rename…");
  await page.getByLabel("Name", { exact: true }).fill("Sea voyage");
  await page.getByRole("button", { name: "Rename", exact: true }).click();
  await list.getByText("Sea voyage").waitFor();
  await menu("Sea voyage", "Pin");
  await list.getByRole("heading", { name: "Pinned" }).waitFor();
  await menu("Sea voyage", "Delete");
  await list.getByText("Sea voyage").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await list.getByText("Sea voyage").waitFor();
  await done(page);
});

test("deleted conversations are listed, restored and removed for good", async () => {
  await stored("Old plans", "Where shall we go?", "Home.");
  await stored("Older plans", "Where did we go?", "Out.");
  const page = await openPage();
  const list = page.getByRole("navigation", { name: "Conversations" });
  for (const title of ["Old plans", "Older plans"]) {
    await list.getByRole("link", { name: title }).hover();
    await page.getByRole("button", { name: `More for “${title}”` }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await list.getByText(title, { exact: true }).waitFor({ state: "detached" });
  }
  await page.getByRole("button", { name: "Deleted conversations" }).click();
  const window = page.getByRole("dialog", { name: "Deleted conversations" });
  await window.getByText("Older plans").waitFor();
  await accessible(page);
  await page.getByRole("button", { name: "Remove “Older plans” for good" }).click();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await window.getByText("Older plans").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Restore “Old plans”" }).click();
  await list.getByText("Old plans", { exact: true }).waitFor();
  await page.getByText("Home.").waitFor();
  await done(page);
});

test("a search that begins before the composer is there keeps the focus", async () => {
  const page = await openPage();
  let go;
  const begun = new Promise((resolve) => (go = resolve));
  await page.route("**/api/v1/models", (route) => begun.then(() => route.continue()));
  await page.reload();
  await page.getByLabel("Search conversations").focus();
  go();
  await message(page).waitFor();
  await page.keyboard.type("pear");
  assert.equal(await page.getByLabel("Search conversations").inputValue(), "pear");
  await done(page);
});

test("a conversation is exported as JSON and Markdown, and imported again", async () => {
  const id = await stored("To export", "What is 2+2?", "It is **4**.");
  const page = await openPage({ path: `/#/chat/${id}` });
  const row = page.locator(".sidebar-row").filter({ hasText: "To export" });
  const save = async (entry) => {
    await row.hover();
    await row.getByRole("button").click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: entry }).click()]);
    return download;
  };
  const markdown = await save("Export as Markdown");
  assert.equal(markdown.suggestedFilename(), "To export.md");
  const json = await save("Export as JSON");
  await page.locator(".sidebar input[type=file]").setInputFiles(await json.path());
  await page.waitForURL((url) => url.hash !== `#/chat/${id}`);
  await page.locator(".answer strong").getByText("4").waitFor();
  await done(page);
});

test("Markdown, code, formulas and tables; nothing in an answer or a name runs", async () => {
  const attack = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
  const text = `**bold** $x^2$\n\n$$\\frac{a}{b}$$\n\n\`\`\`js\nlet a = 1;\n\`\`\`\n\n|a|b|\n|-|-|\n|1|2|\n\n${attack}\n\n[x](javascript:window.hit=1) ![y](https://elsewhere.example/y.png)`;
  const id = await stored(attack, attack, text);
  const page = await openPage({ path: `/#/chat/${id}` });
  await page.locator(".answer strong").getByText("bold").waitFor();
  await page.locator(".answer .katex").nth(1).waitFor();
  await page.locator(".answer .hljs-keyword").getByText("let").waitFor();
  await page.getByRole("button", { name: "Copy" }).filter({ hasText: "Copy" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "let a = 1;\n");
  assert.equal(await page.locator(".answer td").count(), 2);
  assert.equal(await page.locator(".answer img, .answer script, .sidebar img, .question img").count(), 0);
  assert.equal(await page.evaluate(() => window.hit), undefined);
  await accessible(page, "a rich answer");
  await done(page);
});

test("text files are attached, others refused", async () => {
  const page = await openPage();
  const chooser = page.locator(".composer input[type=file]");
  await chooser.setInputFiles({ name: "picture.png", mimeType: "image/png", buffer: Buffer.from([137, 80, 78, 71, 0, 1]) });
  await page.getByText("picture.png is not a text file").waitFor();
  await chooser.setInputFiles({ name: "colors.txt", mimeType: "text/plain", buffer: Buffer.from("red\nblue\n") });
  await page.locator(".file").getByText("colors.txt").waitFor();
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["1,2"], "numbers.csv", { type: "text/csv" }));
    for (const name of ["dragover", "drop"])
      document.body.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
  });
  await page.locator(".file").getByText("numbers.csv").waitFor();
  await page.getByRole("button", { name: "Remove numbers.csv" }).click();
  await page.locator(".file").getByText("numbers.csv").waitFor({ state: "detached" });
  await askAndWait(page, "Which colors?");
  await page.locator(".question .file").getByText("colors.txt").waitFor();
  await done(page);
});

test("what would not fit is said before it is sent", async () => {
  const id = await stored("Room", "Hi", "Hello.");
  const page = await openPage({ path: `/#/chat/${id}` });
  await message(page).fill("a b c");
  await page
    .locator(".gauge")
    .getByText(/of [\d,]+ tokens/)
    .waitFor();
  await message(page).fill("word ".repeat(30000));
  await page
    .locator(".no-room")
    .getByText(/more than the model's context holds/)
    .waitFor();
  await done(page);
});

test("what the model sees is shown: text, tokens and template", async () => {
  const page = await openPage();
  await askAndWait(page, "Look inside");
  await page.getByRole("button", { name: "More for this answer" }).click();
  await page.getByRole("menuitem", { name: "What the model saw…" }).click();
  await page.locator(".exact pre").getByText("Look inside").waitFor();
  await page.getByRole("tab", { name: "Tokens" }).click();
  assert.ok((await page.locator(".tokens li").count()) > 3);
  await page.getByRole("tab", { name: "Tokens" }).press("ArrowRight");
  await page.getByRole("tabpanel", { name: "Template" }).waitFor();
  await accessible(page, "the window of the prompt");
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  await done(page);
});

test("the same question to two models, side by side", async () => {
  const page = await openPage();
  await askAndWait(page, "Compare this");
  await page.getByRole("button", { name: "More for this answer" }).click();
  await page.getByRole("menuitem", { name: "Side by side with another…" }).click();
  const other = await page.getByLabel("Ask this one the same").locator("option", { hasText: "tiny-qwen3" }).first().getAttribute("value");
  await page.getByLabel("Ask this one the same").selectOption(other);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await page.locator(".parity-side").nth(1).locator(".measured").waitFor();
  await page.getByText(/characters are the same|Both answers are the same/).waitFor();
  await accessible(page, "side by side");
  await done(page);
});

test("system prompt and parameters of a chat are kept", async () => {
  const id = await stored("Settings", "Tell me a story.", "Once upon a time there was a dog.");
  const page = await openPage({ path: `/#/chat/${id}` });
  await page.getByRole("button", { name: "Settings of this chat" }).click();
  await page.getByLabel("System prompt").selectOption("text");
  await page.getByLabel("Text of the system prompt").fill("Be brief.");
  await page.getByLabel("Temperature").fill("0");
  await page.getByLabel("Longest answer, in tokens").fill("3");
  await accessible(page, "settings of a chat");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("dialog").waitFor({ state: "detached" });
  await askAndWait(page, "Tell me about a cat");
  await page.getByText("It ended at the limit of tokens.").waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Settings of this chat" }).click();
  assert.equal(await page.getByLabel("Text of the system prompt").inputValue(), "Be brief.");
  await done(page);
});

test("the keyboard reaches the parts of the chat in their order, and moves in menus", async () => {
  const page = await openPage();
  await page.locator(".picker").getByText("tiny-llama").waitFor();
  await page.evaluate(() => document.activeElement.blur());
  const reached = [];
  while (reached.at(-1) !== "Attach text files" || reached.length < 2) {
    assert.ok(reached.length < 300, reached.join());
    await page.keyboard.press("Tab");
    reached.push(
      await page.evaluate(() => (document.activeElement.ariaLabel || document.activeElement.innerText || "").trim().split("\n")[0]),
    );
  }
  const order = [
    "Skip to the content",
    "Chat",
    "Settings",
    "New chat",
    "Search conversations",
    "tiny-llama",
    "Your message",
    "Attach text files",
  ];
  const places = order.map((name) => reached.indexOf(name, 1));
  assert.ok(!places.includes(-1), `${order} in ${reached}`);
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
  await page.getByRole("link", { name: "Skip to the content" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.ariaLabel === "Your message");
  await page.locator(".picker").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("End");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Get more models…");
  await page.keyboard.press("Escape");
  await page.getByRole("menu").waitFor({ state: "detached" });
  await done(page);
});

test("every size is accessible in light and dark", async () => {
  const id = await stored("Sizes", "Hello", "A **fine** answer.");
  for (const size of Object.keys(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await openPage({ size, colorScheme, path: `/#/chat/${id}` });
      await page.locator(".answer strong").waitFor();
      await accessible(page, `${size}, ${colorScheme}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${size} scrolls sideways`);
      await done(page);
    }
  }
});
