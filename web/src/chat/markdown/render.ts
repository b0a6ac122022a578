// Markdown of a model to elements. What a model writes is never markup of the page: HTML in it is shown as text,
// pictures become links (they would be fetched from elsewhere), and DOMPurify looks over the result.
import DOMPurify from "dompurify";
import { Marked, type Token, type TokensList } from "marked";
import { escapeHtml } from "./escape";
import { math } from "./math";

const marked = new Marked({ gfm: true, breaks: true }, math, {
  renderer: {
    html: ({ text }) => escapeHtml(text),
    image: ({ href, text }) => `<a href="${escapeHtml(href)}">${escapeHtml(text || href)}</a>`,
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

const purify = DOMPurify(window);
purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName !== "A") return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer nofollow");
});

const allowed = {
  ALLOWED_TAGS: [
    ...["p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong"],
    ...["del", "a", "table", "thead", "tbody", "tr", "th", "td", "span", "div", "#text"],
  ],
  ALLOWED_ATTR: ["href", "class", "start", "align"],
  ADD_URI_SAFE_ATTR: ["start", "align"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#)/i,
};

export function sanitized(html: string): DocumentFragment {
  return purify.sanitize(html, { ...allowed, RETURN_DOM_FRAGMENT: true });
}

export interface Block {
  /** Equal keys make equal elements. */
  key: string;
  elements(): DocumentFragment;
}

/** The paragraphs, lists, … of a text, so that a text that grows makes only its last one anew. */
export function blocks(text: string): Block[] {
  const tokens = marked.lexer(text);
  const links = Object.keys(tokens.links).length > 0 ? JSON.stringify(tokens.links) : "";
  return tokens
    .filter((token) => token.type !== "space" && token.type !== "def")
    .map((token) => ({ key: token.raw + links, elements: () => sanitized(html(token, tokens)) }));
}

function html(token: Token, { links }: TokensList): string {
  return marked.parser(Object.assign([token], { links }));
}
