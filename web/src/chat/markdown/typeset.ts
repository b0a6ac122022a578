// What makes code and formulas better than plain text; fetched when the first of them is shown.
import { copyText } from "../../ui/clipboard";
import { sanitized } from "./render";

const copyIcon =
  '<svg class="icon" width="15" height="15" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.7" aria-hidden="true"><path d="M9 9h10v11H9zM5 15V4h10v1.5"/></svg>';

/** Adds to the elements of a block; `final`: no more text comes to it. */
export function typeset(block: HTMLElement, final: boolean): void {
  for (const code of block.querySelectorAll<HTMLElement>("pre > code")) frame(code, final);
  for (const table of block.querySelectorAll("table")) scrollable(table);
  const formulas = block.querySelectorAll<HTMLElement>(".math");
  if (formulas.length > 0) void formulate([...formulas]);
}

function frame(code: HTMLElement, final: boolean): void {
  const pre = code.parentElement!;
  const language = /language-([\w+#-]+)/.exec(code.className)?.[1] ?? "";
  const box = document.createElement("div");
  box.className = "code";
  const head = document.createElement("div");
  head.className = "code-head";
  const name = document.createElement("span");
  name.textContent = language || "text";
  head.append(name, copyButton(code));
  pre.tabIndex = 0;
  pre.setAttribute("role", "region");
  pre.setAttribute("aria-label", language ? `Code in ${language}` : "Code");
  pre.replaceWith(box);
  box.append(head, pre);
  if (final && language !== "") void highlight(code, language);
}

function copyButton(code: HTMLElement): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "code-copy";
  button.innerHTML = copyIcon;
  const label = document.createElement("span");
  label.textContent = "Copy";
  button.append(label);
  button.addEventListener("click", async () => {
    label.textContent = (await copyText(code.textContent ?? "")) ? "Copied" : "Select it and press Ctrl+C";
    setTimeout(() => (label.textContent = "Copy"), 2000);
  });
  return button;
}

async function highlight(code: HTMLElement, language: string): Promise<void> {
  const { default: hljs } = await import("highlight.js/lib/common");
  if (!hljs.getLanguage(language)) return;
  const text = code.textContent ?? "";
  code.replaceChildren(sanitized(hljs.highlight(text, { language, ignoreIllegals: true }).value));
}

function scrollable(table: HTMLElement): void {
  const box = document.createElement("div");
  box.className = "table";
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Table");
  table.replaceWith(box);
  box.append(table);
}

/** KaTeX makes elements and sets their styles one by one, which the page's content policy allows. */
async function formulate(elements: HTMLElement[]): Promise<void> {
  const { render } = await import("./formulas");
  for (const element of elements) render(element);
}
