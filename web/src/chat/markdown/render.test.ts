import { describe, expect, it } from "vitest";
import { blocks } from "./render";

function shown(text: string): HTMLElement {
  const root = document.createElement("div");
  for (const block of blocks(text)) root.append(block.elements());
  return root;
}

describe("Markdown of a model", () => {
  it("becomes paragraphs, lists, code and tables", () => {
    const root = shown("Hi **you**\n\n- a\n- b\n\n```js\nlet x = 1 < 2;\n```\n\n| a | b |\n|--|--:|\n| 1 | 2 |");
    expect(root.querySelector("strong")!.textContent).toBe("you");
    expect(root.querySelectorAll("li").length).toBe(2);
    expect(root.querySelector("pre > code.language-js")!.textContent).toBe("let x = 1 < 2;\n");
    expect(root.querySelector("td[align=right]")!.textContent).toBe("2");
  });

  const attacks = [
    "<script>window.hit = 1</script>",
    '<img src=x onerror="window.hit = 1">',
    "<svg onload=window.hit=1>",
    "[click](javascript:window.hit=1)",
    "[click](JaVaScRiPt:window.hit=1)",
    "[click](data:text/html,<script>window.hit=1</script>)",
    "[click](vbscript:x)",
    "![x](https://elsewhere.example/track.png)",
    '![x" onerror="window.hit=1](x)',
    '<a href="javascript:window.hit=1">a</a>',
    '<iframe src="https://elsewhere.example"></iframe>',
    "<style>body{display:none}</style>",
    '<div style="position:fixed" id=app>x</div>',
    '<form action="https://elsewhere.example"><input name=a></form>',
    "<math><mtext><table><mglyph><style><img src=x onerror=window.hit=1>",
    '```"><img src=x onerror=window.hit=1>\nx\n```',
    "$<img src=x onerror=window.hit=1>$",
    '<https://elsewhere.example/"onmouseover="window.hit=1>',
    "| <img src=x onerror=window.hit=1> |\n|--|\n| <b onclick=x>y</b> |",
  ];
  it.each(attacks)("runs nothing and fetches nothing: %s", (attack) => {
    const root = shown(attack);
    expect(root.querySelector("script, img, svg, iframe, style, form, input, object, embed, math, link, base")).toBeNull();
    for (const element of root.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^on|^style$|^src|^id$/);
        if (name === "href") expect(value).toMatch(/^(https?:|mailto:|#)/i);
      }
    }
  });

  it("shows HTML as the text it is", () => {
    expect(shown("Use <b>bold</b> tags").textContent!.trim()).toBe("Use <b>bold</b> tags");
    expect(shown("<div>\nx\n</div>").textContent).toContain("<div>");
  });

  it("opens links elsewhere and gives them no way back", () => {
    const link = shown("[a](https://example.org)").querySelector("a")!;
    expect(link.target).toBe("_blank");
    expect(link.rel).toContain("noopener");
  });

  it("finds formulas, and leaves prices alone", () => {
    const formulas = (text: string) => [...shown(text).querySelectorAll(".math")].map((element) => element.textContent);
    expect(formulas("a $x^2$ b \\(y\\) c")).toEqual(["x^2", "y"]);
    expect(formulas("$$\n\\frac{a}{b}\n$$")).toEqual(["\\frac{a}{b}"]);
    expect(formulas("\\[ a < b \\]")).toEqual(["a < b"]);
    expect(formulas("It costs $5 or $10.")).toEqual([]);
    expect(formulas("`$x$`")).toEqual([]);
  });

  it("makes a growing text's finished blocks the same again", () => {
    const before = blocks("One.\n\nTwo");
    const after = blocks("One.\n\nTwo and three");
    expect(after[0]!.key).toBe(before[0]!.key);
    expect(after[1]!.key).not.toBe(before[1]!.key);
  });
});
