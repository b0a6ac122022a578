// All that is known of a model that is here, and how to load it.
import { ask } from "../api/client";
import { status } from "../api/live";
import type { ModelDetails } from "../api/shapes";
import { bytes, integer } from "../format";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Facts } from "../ui/facts";
import { ErrorNote } from "../ui/notes";
import { useResource } from "../ui/resource";
import { Section } from "../ui/section";
import { EngineFits } from "./engine_fits";
import { LoadForm } from "./load_form";
import { MemoryParts } from "./memory_parts";
import { PresetForm } from "./preset_form";
import { removeModel } from "./remove";
import { samplingText } from "./sampling";
import { origins } from "./words";

export function DetailsWindow({ name, onClose }: { name: string; onClose(): void }) {
  const { data, error, reload } = useResource(() => ask<ModelDetails>(`/api/v1/models/${encodeURIComponent(name)}`), [name]);
  const loaded = status.value?.models.find((model) => model.name === name);
  const remove = async () => {
    if (data && (await removeModel(data.stored, loaded !== undefined))) onClose();
  };
  return (
    <Dialog
      title={name}
      size="large"
      onClose={onClose}
      actions={
        data && (
          <Button kind="danger" icon="trash" onClick={() => void remove()}>
            Remove…
          </Button>
        )
      }
    >
      {error !== undefined && <ErrorNote error={error} onRetry={() => void reload()} />}
      {data && (
        <>
          {data.unopened ? <p class="small wrong">{data.unopened}</p> : <LoadForm details={data} loaded={loaded} />}
          <Section title="The model">
            <FileFacts details={data} />
          </Section>
          <PresetForm key={name} details={data} onSaved={reload} />
          <Section title="Engines" about="Which can run it, and why others cannot.">
            <EngineFits fits={data.engines} />
          </Section>
          {data.memory_estimate && (
            <Section title="Memory" about={`An estimate for ${integer(data.memory_estimate.context)} tokens of context.`}>
              <MemoryParts need={data.memory_estimate} />
            </Section>
          )}
          {data.chat_template && (
            <Section title="Chat template" about="How a conversation becomes the model's prompt.">
              <pre class="template" tabIndex={0}>
                {data.chat_template}
              </pre>
            </Section>
          )}
        </>
      )}
    </Dialog>
  );
}

function FileFacts({ details }: { details: ModelDetails }) {
  const { stored } = details;
  return (
    <Facts
      facts={[
        ["Called by its file", details.name],
        ["Format", [details.format, details.format_details].filter(Boolean).join(", ")],
        ["Architecture", details.architecture],
        ["Parameters", details.parameters && integer(details.parameters)],
        ["Quantization", details.quantization],
        ["Trained context", details.trained_context && `${integer(details.trained_context)} tokens`],
        ["Layers", details.layers],
        ["Samples with", samplingText(details.sampling)],
        ["Tokenizer", [details.tokenizer, details.vocabulary_size && `${integer(details.vocabulary_size)} tokens`].filter(Boolean).join(", ")],
        ["Licence", stored.licence || "not known: ask where the model came from"],
        ["Origin", `${origins[stored.origin]}, ${stored.source}`],
        ["Added", new Date(stored.added * 1000).toLocaleDateString("en", { dateStyle: "long" })],
        [
          stored.files.length > 1 ? "Files" : "File",
          <ul class="plain-list">
            {stored.files.map((file) => (
              <li key={file.path}>
                <code>{file.path}</code> ({bytes(file.bytes)})
                {file.sha256 && (
                  <span class="block muted">
                    SHA-256 <code>{file.sha256}</code>
                  </span>
                )}
              </li>
            ))}
          </ul>,
        ],
      ]}
    />
  );
}
