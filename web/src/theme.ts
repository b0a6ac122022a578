// Light, dark, or as the system says; kept in this browser.
import { signal } from "@preact/signals";
import { ask } from "./api/client";
import type { Settings } from "./api/shapes";
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

/** A browser in which nothing was chosen begins with what the server's settings say. */
export async function beginWithServersTheme(): Promise<void> {
  if (kept.read<Theme | undefined>("theme", undefined) !== undefined) return;
  const { settings } = await ask<Settings>("/api/v1/settings");
  const value = settings.find(({ key }) => key === "theme")?.value;
  if (value !== "light" && value !== "dark") return;
  theme.value = value;
  applyTheme();
}
