// Changes that are not saved yet. This browser keeps them, but for secrets, so that neither an error nor a reload loses them.
import { computed, signal } from "@preact/signals";
import { ask } from "../api/client";
import type { Setting, Settings } from "../api/shapes";
import { kept } from "../kept";
import { parsed, typedOf, type Typed, type Value } from "./values";

export type Draft = Record<string, Typed>;

export const settings = signal<Settings | undefined>(undefined);
export const draft = signal<Draft>(kept.read<Draft>("settings-draft", {}));
export const problem = signal<unknown>(undefined);

/** What a browser may keep: an engine's options can hold a secret, too. */
export function withoutSecrets(draft: Draft, rows: Setting[]): Draft {
  const secret = (key: string) => key === "engine_option" || rows.find((row) => row.key === key)?.secret !== false;
  return Object.fromEntries(Object.entries(draft).filter(([key]) => !secret(key)));
}

function setDraft(next: Draft): void {
  draft.value = next;
  const keeping = withoutSecrets(next, settings.value?.settings ?? []);
  kept.write("settings-draft", Object.keys(keeping).length > 0 ? keeping : undefined);
}

/** Without what is as it was and what the server does not know. */
export function trimmed(next: Draft, rows: Setting[]): Draft {
  return Object.fromEntries(
    Object.entries(next).filter(([key, typed]) => {
      const row = rows.find((one) => one.key === key);
      return row !== undefined && typed !== typedOf(row);
    }),
  );
}

/** What is to be saved, or what is wrong with it, by key. */
export function changesOf(draft: Draft, rows: Setting[]): { values: Record<string, Value>; errors: Record<string, string> } {
  const values: Record<string, Value> = {};
  const errors: Record<string, string> = {};
  for (const row of rows) {
    const typed = draft[row.key];
    if (typed === undefined) continue;
    const result = parsed(row, typed);
    if ("error" in result) errors[row.key] = result.error;
    else values[row.key] = result.value;
  }
  return { values, errors };
}

export const changes = computed(() => changesOf(draft.value, settings.value?.settings ?? []));

export function edit(setting: Setting, typed: Typed): void {
  problem.value = undefined;
  setDraft(trimmed({ ...draft.value, [setting.key]: typed }, settings.value!.settings));
}

export function discard(): void {
  problem.value = undefined;
  setDraft({});
}

export async function loadSettings(): Promise<void> {
  settings.value = await ask<Settings>("/api/v1/settings");
  setDraft(trimmed(draft.value, settings.value.settings));
}

/** All of it or, if the server refuses one value, nothing; then `problem` says why and the draft stays. */
export async function save(): Promise<boolean> {
  try {
    settings.value = await ask<Settings>("/api/v1/settings", { method: "PATCH", body: changes.value.values });
    discard();
    return true;
  } catch (error) {
    problem.value = error;
    return false;
  }
}
