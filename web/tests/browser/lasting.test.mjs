// What must survive: reloads, two tabs, a server that goes and comes back, and very long conversations.
import assert from "node:assert/strict";
import { test } from "node:test";
import { askAndWait, done, ended, message, noFaults, quietMachine, setUp } from "./page.mjs";
import { api, hasSmollm2, ownsServer } from "./server.mjs";

const { server, openPage } = await setUp();

const slow = { skip: hasSmollm2 ? false : "there is no smollm2-135m-instruct: run tenfold pull smollm2-135m-instruct" };

/** Asks for an answer that takes seconds, and waits for its first words. */
async function longAnswer() {
  const { id } = await api(server, "POST", "/api/v1/conversations", { model: "smollm2", settings: { max_tokens: 200 } });
  const page = await openPage({ path: `/#/chat/${id}` });
  await message(page).fill("Tell a very long story of a king, his three sons and their horses.");
  await message(page).press("Enter");
  await page.locator(".answer .prose").waitFor();
  const stored = async () => (await api(server, "GET", `/api/v1/conversations/${id}`)).messages.at(-1);
  return { page, stored, stop: page.getByRole("button", { name: /^Stop/ }) };
}

test("an answer goes on while the page is reloaded", slow, async () => {
  const { page, stored, stop } = await longAnswer();
  await page.reload();
  await page.locator(".answer .prose").waitFor();
  await stop.waitFor();
  await ended(page);
  const { state, content, usage } = await stored();
  assert.equal(state, "complete");
  assert.ok(usage.generated_tokens > 50, `${usage.generated_tokens} tokens`);
  const words = (text) => text.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  assert.equal(words(await page.locator(".answer .prose").innerText()), words(content));
  await done(page);
});

test("an answer is stopped, and what had come stays", slow, async () => {
  const { page, stored, stop } = await longAnswer();
  await stop.click();
  await page.getByText("Stopped.").waitFor();
  const { state, content } = await stored();
  assert.equal(state, "cancelled");
  assert.ok(content.length > 0);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await stop.waitFor();
  await stop.click();
  await page.getByText("Stopped.").waitFor();
  assert.ok((await stored()).content.startsWith(content), "it goes on where it was");
  await done(page);
});

test("two tabs show the same conversation", async () => {
  const one = await openPage();
  await askAndWait(one, "From the first tab");
  const two = await openPage({ context: one.context(), path: `/${new URL(one.url()).hash}` });
  await two.locator(".answer").waitFor();
  await askAndWait(two, "From the second tab");
  await one.getByText("From the second tab").and(one.locator(".bubble")).waitFor();
  await ended(one);
  assert.equal(
    await one.locator(".answer").last().locator(".prose").innerText(),
    await two.locator(".answer").last().locator(".prose").innerText(),
  );
  noFaults(two);
  await done(one);
});

test("a draft stays: over a reload, and on the server", async () => {
  const { id } = await api(server, "POST", "/api/v1/conversations", { title: "Draft" });
  const page = await openPage({ path: `/#/chat/${id}` });
  await message(page).fill("half a thought");
  await page.reload();
  await page.waitForFunction(() => document.querySelector("textarea")?.value === "half a thought");
  const taken = page.waitForResponse(
    (reply) => reply.request().method() === "PATCH" && reply.request().postDataJSON().draft === "a whole thought",
  );
  await message(page).fill("a whole thought");
  await taken;
  assert.equal((await api(server, "GET", `/api/v1/conversations/${id}`)).draft, "a whole thought");
  await done(page);
});

test("the server goes and comes back; nothing is lost", { skip: !ownsServer }, async () => {
  const page = await openPage();
  await askAndWait(page, "Before");
  await server.kill();
  await message(page).fill("written while it was away");
  await message(page).press("Enter");
  await page.getByText("Tenfold is not answering.").waitFor();
  assert.equal(await message(page).inputValue(), "written while it was away");
  await server.startAgain();
  await page.getByText("Tenfold is not answering.").waitFor({ state: "detached" });
  await message(page).press("Enter");
  await page.locator(".answer").nth(1).waitFor();
  await ended(page);
  assert.equal(await page.locator(".answer").count(), 2);
  await done(page);
});

test("5,000 messages open at the end and scroll, at 50 frames a second on a quiet machine", async () => {
  const messages = Array.from({ length: 5000 }, (_, at) => ({
    id: at + 1,
    parent: at || null,
    role: at % 2 ? "assistant" : "user",
    content:
      at % 2
        ? `Answer **${at}**.\n\n- one\n- two\n\n\`\`\`js\nlet a = ${at};\n\`\`\`\n\n${"Some words of it. ".repeat(at % 23)}`
        : `Question ${at}`,
    state: "complete",
  }));
  const { id } = await api(server, "POST", "/api/v1/conversations/import", {
    tenfold_conversation: 1,
    title: "Five thousand",
    head: 5000,
    messages,
  });
  const page = await openPage();
  const begun = Date.now();
  await page.goto(`${server.url}/#/chat/${id}`);
  await page.locator(".answer").getByText("4999").first().waitFor();
  const opened = Date.now() - begun;
  await page.waitForFunction(() => {
    const box = document.querySelector(".thread");
    return box.scrollHeight - box.clientHeight - box.scrollTop < 60;
  });
  const drawn = await page.locator(".answer").count();
  assert.ok(drawn < 100, `${drawn} answers are in the document`);
  const { frames, seconds, slow } = await page.locator(".thread").evaluate(
    (box) =>
      new Promise((resolve) => {
        const begin = performance.now();
        let frames = 0;
        let slow = 0;
        let before = begin;
        const step = (now) => {
          frames += 1;
          if (now - before > 34) slow += 1;
          before = now;
          box.scrollTop -= 60;
          if (now - begin < 4000) requestAnimationFrame(step);
          else resolve({ frames, slow, seconds: (now - begin) / 1000 });
        };
        requestAnimationFrame(step);
      }),
  );
  const rate = frames / seconds;
  console.log(`5,000 messages: open in ${opened} ms, ${rate.toFixed(1)} frames a second, ${slow} frames over 34 ms`);
  assert.ok(rate >= 50 || !quietMachine, `${rate} frames a second`);
  await done(page);
});
