import { useState } from "preact/hooks";
import { ask } from "../api/client";
import { choices } from "../api/library";
import type { Loaded, ModelStatus, StoredModel } from "../api/shapes";
import { duration } from "../format";
import { Button } from "../ui/button";
import { complain, notify } from "../ui/toast";

/** How a model is to be loaded; what is absent is as the server has it. */
export interface LoadWish {
  engine?: string;
  context_size?: number;
  keep_alive?: number;
}

export async function load(model: string, wish: LoadWish = {}): Promise<void> {
  const { load_seconds } = await ask<Loaded>("/api/v1/load", { body: { model, ...wish } });
  notify(`${model} is in memory after ${duration(load_seconds)}.`);
}

export async function unload(model: string): Promise<void> {
  await ask("/api/v1/unload", { body: { model } });
  notify(`${model} is out of memory.`);
}

/** Brings a model into memory or takes it out. */
export function LoadButton({ model, loaded }: { model: StoredModel; loaded: ModelStatus | undefined }) {
  const [busy, setBusy] = useState(false);
  const act = (action: Promise<void>) => {
    setBusy(true);
    action.catch(complain).finally(() => setBusy(false));
  };
  const { name } = model;
  if (loaded?.state === "ready") {
    return (
      <Button busy={busy} aria-label={`Unload ${name}`} onClick={() => act(unload(name))}>
        Unload
      </Button>
    );
  }
  const possible = choices.value.some((choice) => choice.model.name === name);
  return (
    <Button busy={busy || loaded?.state === "loading"} disabled={!possible} aria-label={`Load ${name}`} onClick={() => act(load(name))}>
      Load
    </Button>
  );
}
