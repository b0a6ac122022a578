// Pages that are watched: whatever they do wrong fails the test that opened them.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after } from "node:test";
import { chromium } from "playwright-core";
import { startServer } from "./server.mjs";

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Whether bounds of speed are held: they mean something on a quiet machine only. */
export const quietMachine = process.env.TENFOLD_TEST_SPEED === "1";

export const sizes = { phone: { width: 360, height: 740 }, tablet: { width: 820, height: 1180 }, desktop: { width: 1440, height: 900 } };

/** A server and a browser for all tests of a file. `options` are those of `startServer`. */
export async function setUp(options) {
  // The browser first: if the server fails, it ends with this process, which a server would not.
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: quiet });
  after(() => browser.close());
  const server = await startServer(options);
  after(() => server.stop());
  return { server, openPage: (wanted) => openPage(browser, server, wanted) };
}

/** A page of a fresh context (or of `context`) with a list of its faults, which `noFaults` reads. */
async function openPage(browser, server, { size = "desktop", context, path = "/", ...options } = {}) {
  const place =
    context ??
    (await browser.newContext({
      viewport: sizes[size],
      hasTouch: size === "phone",
      permissions: ["clipboard-read", "clipboard-write"],
      ...options,
    }));
  const page = await place.newPage();
  page.setDefaultTimeout(180_000); // for slow machines, and those that do much else
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(`script: ${error.message}`));
  page.on("console", (message) => {
    // The browser itself reports each request that failed; while a server is away that is no fault.
    if (message.type() === "error" && !/Failed to load resource|net::ERR_/.test(message.text()))
      page.faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(server.url) && !url.startsWith("blob:")) page.faults.push(`foreign request: ${url}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(`content policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    );
  });
  await page.goto(server.url + path);
  return page;
}

export function noFaults(page) {
  assert.deepEqual(page.faults, []);
}

/** The end of a test. */
export async function done(page) {
  noFaults(page);
  await page.context().close();
}

/** axe-core finds nothing serious. It is evaluated, not added as a script, so the content policy stays as it is. */
export async function accessible(page, what) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const words = serious.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, any }) => `${html.slice(0, 120)} ${any.map(({ message }) => message).join()}`).join("\n   ")}`,
  );
  assert.deepEqual(words, [], what);
}

export function message(page) {
  return page.getByLabel("Your message");
}

/** Asks, and waits until the answer has ended. */
export async function askAndWait(page, question) {
  const before = await page.locator(".answer").count();
  await message(page).fill(question);
  await message(page).press("Enter");
  await page.locator(".answer").nth(before).waitFor();
  await ended(page);
}

export async function ended(page) {
  await page.locator(".answer").last().locator(".measured").waitFor();
  await page.getByRole("button", { name: /^Send/ }).waitFor();
}
