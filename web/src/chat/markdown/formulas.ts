import katex from "katex";
import "katex/dist/katex.min.css";

// These would set a style attribute, which the content policy forbids.
const macros = { "\\fcolorbox": "\\colorbox{#2}{#3}", "\\angl": "\\overline{#1}", "\\pmb": "\\boldsymbol{#1}" };

/** Replaces the TeX in the element by the formula; what KaTeX cannot read stays as it was written. */
export function render(element: HTMLElement): void {
  const tex = element.textContent ?? "";
  const made = document.createElement("span");
  try {
    katex.render(tex, made, {
      displayMode: element.classList.contains("display"),
      macros: { ...macros },
      throwOnError: true,
      trust: false,
      maxExpand: 200,
      maxSize: 20,
    });
    element.replaceChildren(made);
  } catch {
    element.classList.add("unread");
  }
}
