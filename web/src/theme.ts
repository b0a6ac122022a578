// Light, dark, or as the system says; kept in this browser.
import { signal } from "@preact/signals";
import { kept } from "./kept";

export type Theme = "system" | "light" | "dark";

export const theme = signal<Theme>(kept.read<Theme>("theme", "system"));

export function applyTheme(): void {
  document.documentElement.dataset.theme = theme.value;
}

export function setTheme(next: Theme): void {
  theme.value = next;
  kept.write("theme", next);
  applyTheme();
}
