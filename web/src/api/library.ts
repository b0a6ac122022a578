// The models that are here and the engines that can run them, for all views.
import { computed, effect, signal } from "@preact/signals";
import { ask } from "./client";
import { connected } from "./connection";
import type { Engine, Engines, StoredModel, StoredModels } from "./shapes";

/** undefined until they came. */
export const models = signal<StoredModel[] | undefined>(undefined);
export const engines = signal<Engine[]>([]);
export const libraryError = signal<unknown>(undefined);

/** After a change of the store, and when a view that shows it opens. */
export async function refreshLibrary(): Promise<void> {
  try {
    const [stored, listed] = await Promise.all([ask<StoredModels>("/api/v1/models"), ask<Engines>("/api/v1/engines")]);
    models.value = stored.models;
    engines.value = listed.engines;
    libraryError.value = undefined;
  } catch (error) {
    libraryError.value = error;
  }
}

// Asks first when the page opens, and again when the server came back.
effect(() => {
  if (connected.value) void refreshLibrary();
});

export const engineTitles = computed(() => new Map(engines.value.map((engine) => [engine.name, engine.title])));

export function engineTitle(name: string): string {
  return engineTitles.value.get(name) ?? name;
}

/** A model on an engine that is here. */
export interface Choice {
  model: StoredModel;
  engine: string;
}

/** What can answer: each model with each installed engine that opens it, in the store's order. */
export const choices = computed<Choice[]>(() => {
  const present = new Set(engines.value.filter((engine) => engine.status === "present").map((engine) => engine.name));
  return (models.value ?? []).flatMap((model) =>
    model.present ? model.engines.filter((engine) => present.has(engine)).map((engine) => ({ model, engine })) : [],
  );
});
