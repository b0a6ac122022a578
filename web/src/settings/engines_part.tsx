// The ten engines: which are here, why others are not and how to get them, and the options of each.
import { sentence } from "../api/client";
import { engines, libraryError, refreshLibrary } from "../api/library";
import type { Engine } from "../api/shapes";
import { Badge } from "../ui/badge";
import { Facts } from "../ui/facts";
import { ErrorNote } from "../ui/notes";
import { EngineFields } from "./engine_fields";

export function EnginesPart() {
  if (libraryError.value && engines.value.length === 0) return <ErrorNote error={libraryError.value} onRetry={() => void refreshLibrary()} />;
  return (
    <ul class="engine-list">
      {engines.value.map((engine) => (
        <Row key={engine.name} engine={engine} />
      ))}
    </ul>
  );
}

const states: Record<Engine["status"], { text: string; kind: "good" | "plain" | "warn" }> = {
  present: { text: "Installed", kind: "good" },
  absent: { text: "Not installed", kind: "plain" },
  unavailable: { text: "Cannot run here", kind: "warn" },
};

function Row({ engine }: { engine: Engine }) {
  const { name, title, status, reason, how_to_get, version, capabilities } = engine;
  return (
    <li class="card stack">
      <div>
        <h3 class="engine-name">
          {title} <Badge kind={states[status].kind}>{states[status].text}</Badge>
        </h3>
        {reason !== "" && <p class="small">{sentence(reason)}</p>}
        {status !== "present" && how_to_get !== "" && <p class="small muted">{sentence(how_to_get)}</p>}
      </div>
      {capabilities && (
        <>
          <Facts
            facts={[
              ["Version", version],
              ["Opens", capabilities.formats.join(", ")],
              ["Answers at once", capabilities.max_sequences],
              ["Also", also(capabilities)],
            ]}
          />
          {capabilities.options.length > 0 && (
            <details class="small">
              <summary>
                {capabilities.options.length === 1 ? "1 option" : `${capabilities.options.length} options`} of {title}
              </summary>
              <div class="stack options">
                <EngineFields engine={name} options={capabilities.options} />
              </div>
            </details>
          )}
        </>
      )}
    </li>
  );
}

function also({ score, embeddings, prefix_reuse }: NonNullable<Engine["capabilities"]>): string {
  return [score && "scores texts", embeddings && "makes embeddings", prefix_reuse && "remembers what it has read"].filter(Boolean).join(", ");
}
