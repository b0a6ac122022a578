// The store: each model with its state and what can be done with it.
import { engineTitle, libraryError, models, refreshLibrary } from "../api/library";
import { status } from "../api/live";
import type { ModelStatus, StoredModel } from "../api/shapes";
import { bytes, integer } from "../format";
import { address, go } from "../router";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { Menu, type MenuItem } from "../ui/menu";
import { EmptyNote, ErrorNote } from "../ui/notes";
import { DiskUseBar } from "./disk_use";
import { LoadButton } from "./load_button";
import { removeModel } from "./remove";

export function HereTab() {
  if (libraryError.value && !models.value) return <ErrorNote error={libraryError.value} onRetry={() => void refreshLibrary()} />;
  if (!models.value) return null;
  if (models.value.length === 0) {
    return (
      <EmptyNote icon="box" title="No model is here yet">
        <p>Get one from the catalogue, or add files you have.</p>
        <div class="row">
          <Button kind="primary" onClick={() => go("models", ["get"])}>
            Get models
          </Button>
          <Button onClick={() => go("models", ["add"])}>Add your own</Button>
        </div>
      </EmptyNote>
    );
  }
  return (
    <div class="stack">
      <ul class="model-list">
        {models.value.map((model) => (
          <Row key={model.name} model={model} loaded={status.value?.models.find(({ name }) => name === model.name)} />
        ))}
      </ul>
      <DiskUseBar />
    </div>
  );
}

function Row({ model, loaded }: { model: StoredModel; loaded: ModelStatus | undefined }) {
  const { name } = model;
  const items: MenuItem[] = [
    { label: "Details", icon: "info", onSelect: () => go("models", ["model", name]) },
    { label: "Remove…", icon: "trash", danger: true, onSelect: () => void removeModel(model, loaded !== undefined) },
  ];
  return (
    <li class="card model-row">
      <div class="grow">
        <h3 class="model-name">
          <a href={address("models", "model", name)}>{name}</a>
          {loaded && <Badge kind={loaded.state === "failed" ? "danger" : "good"}>{stateWords[loaded.state]}</Badge>}
          {!model.present && <Badge kind="danger">Files are gone</Badge>}
          {name === status.value?.default_model && <Badge>Default</Badge>}
        </h3>
        <p class="muted small">
          {[bytes(model.bytes), model.format, model.engines.map(engineTitle).join(", ") || "no engine opens it", model.licence].filter(Boolean).join(" · ")}
        </p>
        {loaded?.state === "ready" && (
          <p class="muted small number">
            {engineTitle(loaded.engine)} with {integer(loaded.context_size)} tokens of context, {bytes(loaded.measured_bytes || loaded.memory_bytes)} of memory
          </p>
        )}
        {!model.present && <p class="small wrong">{model.path} is not there any more. Put it back, or remove the entry.</p>}
        {model.present && model.why_not && <p class="small wrong">Does not run: {model.why_not}.</p>}
      </div>
      <div class="row">
        <LoadButton model={model} loaded={loaded} />
        <Menu label={`More for ${name}`} items={items} />
      </div>
    </li>
  );
}

const stateWords: Record<ModelStatus["state"], string> = {
  loading: "Loading",
  waiting_for_memory: "Waits for memory",
  ready: "In memory",
  unloading: "Unloading",
  failed: "Failed",
};
