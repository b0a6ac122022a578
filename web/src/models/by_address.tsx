import { useState } from "preact/hooks";
import { worded } from "../api/client";
import { Button } from "../ui/button";
import { TextField } from "../ui/field";
import { Section } from "../ui/section";
import { startDownload } from "./downloads";

/** A download that no catalogue knows. What was typed stays until it was accepted. */
export function ByAddress() {
  const [model, setModel] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const start = (event: Event) => {
    event.preventDefault();
    if (model.trim() === "") return setError("Write what to download, for example hf:owner/name:Q4_K_M.");
    setBusy(true);
    startDownload(model.trim())
      .then(
        () => (setModel(""), setError("")),
        (problem) => {
          const { message, hint } = worded(problem);
          setError(`${message} ${hint}`.trim());
        },
      )
      .finally(() => setBusy(false));
  };
  return (
    <Section title="From an address">
      <form class="card inline-form" onSubmit={start}>
        <TextField
          label="Hugging Face model or web address"
          value={model}
          onInput={(value) => (setModel(value), setError(""))}
          placeholder="hf:owner/name:Q4_K_M"
          error={error}
          hint="hf:OWNER/NAME, hf:OWNER/NAME:FILE, or the https:// address of a model file."
        />
        <Button type="submit" icon="download" busy={busy}>
          Download
        </Button>
      </form>
    </Section>
  );
}
