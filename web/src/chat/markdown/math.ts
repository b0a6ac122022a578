// Formulas in Markdown: $…$ and \(…\) in a line, $$…$$ and \[…\] on their own. They become elements of class
// "math" that hold the TeX; typeset.ts turns those into formulas.
import type { MarkedExtension, TokenizerAndRendererExtension } from "marked";
import { escapeHtml } from "./escape";

const block = /^ {0,3}(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\])[ \t]*(?:\n|$)/;
const inline = /^(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\]|\\\((.+?)\\\)|\$(?![\s$])((?:\\.|[^\\$\n])*?[^\\\s$]|\\\S)\$(?!\d))/;

function extension(name: string, level: "block" | "inline", rule: RegExp, begin: RegExp): TokenizerAndRendererExtension {
  return {
    name,
    level,
    start: (text) => begin.exec(text)?.index,
    tokenizer(text) {
      const found = rule.exec(text);
      if (!found) return undefined;
      const display = found[1] ?? found[2];
      return { type: name, raw: found[0], tex: (display ?? found[3] ?? found[4] ?? "").trim(), display: display !== undefined };
    },
    renderer: ({ tex, display }) => {
      const kind = display ? "math display" : "math";
      const element = level === "block" ? "div" : "span";
      return `<${element} class="${kind}">${escapeHtml(tex as string)}</${element}>`;
    },
  };
}

export const math: MarkedExtension = {
  extensions: [extension("mathBlock", "block", block, /^ {0,3}(?:\$\$|\\\[)/m), extension("mathInline", "inline", inline, /\$|\\[([]/)],
};
