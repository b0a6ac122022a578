// The address after "#" says what is shown: "#/chat/12". It needs no route on the server.
import { signal } from "@preact/signals";

export const views = ["chat", "models", "benchmark", "monitor", "settings"] as const;
export type View = (typeof views)[number];

export interface Place {
  view: View;
  path: string[]; // what follows the view
}

export function parsePlace(hash: string): Place {
  const [first, ...path] = hash
    .replace(/^#\/?/, "")
    .split("/")
    .filter((part) => part !== "")
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    });
  const view = views.find((name) => name === first);
  return view ? { view, path } : { view: "chat", path: [] };
}

export function address(view: View, ...path: (string | number)[]): string {
  return `#/${[view, ...path].map((part) => encodeURIComponent(part)).join("/")}`;
}

export const place = signal<Place>(parsePlace(location.hash));

addEventListener("hashchange", () => {
  place.value = parsePlace(location.hash);
});

/** Shows another place; `replace`: without a step in the history. */
export function go(view: View, path: (string | number)[] = [], replace = false): void {
  const hash = address(view, ...path);
  if (replace) history.replaceState(null, "", hash);
  else if (location.hash !== hash) history.pushState(null, "", hash);
  place.value = parsePlace(hash);
}
