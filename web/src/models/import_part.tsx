import { useState } from "preact/hooks";
import { ask, worded } from "../api/client";
import type { Imported } from "../api/shapes";
import { go } from "../router";
import { Button } from "../ui/button";
import { Check } from "../ui/check";
import { TextField } from "../ui/field";
import { Section } from "../ui/section";
import { notify } from "../ui/toast";
import { changed } from "./downloads";

/** Adds a file or folder by its path. What was typed stays until it was accepted. */
export function ImportPart() {
  const [path, setPath] = useState("");
  const [name, setName] = useState("");
  const [copy, setCopy] = useState(false);
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const add = async (event: Event) => {
    event.preventDefault();
    if (!path.trim().startsWith("/")) return setError("Write the whole path of a file or folder, beginning with /.");
    setBusy(true);
    try {
      const body = { path: path.trim(), mode: copy ? "copy" : "in_place", ...(name.trim() === "" ? {} : { name: name.trim() }) };
      const { model, already_there } = await ask<Imported>("/api/v1/models", { body });
      notify(already_there ? `${model.name} was here already.` : `${model.name} is added.`, {
        action: { label: "Details", run: () => go("models", ["model", model.name]) },
      });
      setPath("");
      setName("");
      setError("");
      changed();
    } catch (problem) {
      const { message, hint } = worded(problem);
      setError(`${message} ${hint}`.trim());
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section title="A file or folder" about="On the machine where Tenfold runs. It is used where it lies, unless you ask for a copy.">
      <form class="card stack" onSubmit={add}>
        <TextField label="Path" value={path} onInput={(value) => (setPath(value), setError(""))} placeholder="/home/me/models/model.gguf" error={error} />
        <TextField label="Name (optional)" value={name} onInput={setName} hint="Without one, it is made from the file's name." />
        <div class="row wrap between">
          <Check checked={copy} onChange={setCopy}>
            Copy it into Tenfold's folder
          </Check>
          <Button kind="primary" type="submit" busy={busy}>
            {busy && copy ? "Copying" : "Add"}
          </Button>
        </div>
      </form>
    </Section>
  );
}
