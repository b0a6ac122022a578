import { useState } from "preact/hooks";
import { ask } from "../api/client";
import { engineTitle } from "../api/library";
import type { Adoptable, Adopted } from "../api/shapes";
import { bytes } from "../format";
import { Button } from "../ui/button";
import { Check } from "../ui/check";
import { EmptyNote, ErrorNote } from "../ui/notes";
import { useResource } from "../ui/resource";
import { Section } from "../ui/section";
import { complain, notify } from "../ui/toast";
import { changed } from "./downloads";

/** Models that other programs keep: choose, and use them where they lie. */
export function AdoptPart() {
  const { data, error, reload } = useResource(() => ask<Adoptable>("/api/v1/adoptable"), []);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set()); // what was unticked
  const [busy, setBusy] = useState(false);
  const paths = (data?.models ?? []).map(({ path }) => path).filter((path) => !left.has(path));
  const tick = (path: string, ticked: boolean) => {
    const next = new Set(left);
    if (ticked) next.delete(path);
    else next.add(path);
    setLeft(next);
  };
  const add = async () => {
    setBusy(true);
    try {
      const { models } = await ask<Adopted>("/api/v1/adopt", { body: { paths } });
      notify(models.length === 1 ? `${models[0]!.name} is added.` : `${models.length} models are added.`);
      changed();
      await reload();
    } catch (problem) {
      complain(problem);
    } finally {
      setBusy(false);
    }
  };
  const again = (
    <Button icon="refresh" onClick={() => void reload()}>
      Search again
    </Button>
  );
  return (
    <Section title="From other programs" about="Models they keep on this machine. They are used where they lie and stay theirs: no byte is copied." actions={data && again}>
      {error !== undefined && <ErrorNote error={error} onRetry={() => void reload()} />}
      {data?.models.length === 0 && (
        <EmptyNote icon="folder" title="Nothing new was found">
          <p>{data.folders.length > 0 ? `Searched: ${data.folders.join(", ")}.` : "No folder of a program that Tenfold knows is on this machine."}</p>
        </EmptyNote>
      )}
      {data && data.models.length > 0 && (
        <>
          <ul class="card adopt-list">
            {data.models.map((model) => (
              <li key={model.path}>
                <Check checked={!left.has(model.path)} onChange={(ticked) => tick(model.path, ticked)}>
                  <strong>{model.name}</strong>
                  <span class="muted small block">
                    {[model.source, bytes(model.bytes), model.format, model.engines.map(engineTitle).join(", ")].filter(Boolean).join(" · ")}
                  </span>
                </Check>
              </li>
            ))}
          </ul>
          <div class="row">
            <Button kind="primary" busy={busy} disabled={paths.length === 0} onClick={() => void add()}>
              {paths.length === 1 ? "Add 1 model" : `Add ${paths.length} models`}
            </Button>
          </div>
        </>
      )}
      {data && data.already_there.length > 0 && <p class="muted small">Added before: {data.already_there.join(", ")}.</p>}
      {data && data.skipped.length > 0 && (
        <details class="small">
          <summary>{data.skipped.length} that cannot be added</summary>
          <ul class="plain-list">
            {data.skipped.map(({ path, program, reason }) => (
              <li key={path}>
                <code>{path}</code> ({program}): {reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  );
}
