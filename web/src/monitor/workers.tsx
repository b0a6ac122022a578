import { engineTitle } from "../api/library";
import { sentence } from "../api/client";
import type { ModelStatus, Status } from "../api/shapes";
import { bytes, integer } from "../format";
import { unload } from "../models/load_button";
import { address, go } from "../router";
import { Button } from "../ui/button";
import { Meter } from "../ui/meter";
import { EmptyNote } from "../ui/notes";
import { Table } from "../ui/table";
import { complain } from "../ui/toast";
import { stateText } from "./explain";

/** The models that are in memory or on their way there. */
export function Workers({ now }: { now: Status }) {
  if (now.models.length === 0) {
    return (
      <div class="card">
        <EmptyNote icon="memory" title="No model is in memory">
          <p>One is loaded when it is first asked.</p>
          <Button onClick={() => go("models")}>Load one</Button>
        </EmptyNote>
      </div>
    );
  }
  return (
    <Table label="Models in memory">
      <thead>
        <tr>
          <th scope="col">Model</th>
          <th scope="col">State</th>
          <th scope="col">Memory</th>
          <th scope="col" class="number">
            Queue
          </th>
          <th scope="col">
            <span class="unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {now.models.map((model) => (
          <Row key={model.name} model={model} limit={now.memory_limit_bytes} />
        ))}
      </tbody>
    </Table>
  );
}

function Row({ model, limit }: { model: ModelStatus; limit: number }) {
  const { name, memory_bytes, measured_bytes, failure } = model;
  const used = measured_bytes || memory_bytes;
  return (
    <tr>
      <th scope="row">
        <a href={address("models", "model", name)}>{name}</a>
        <span class="muted small block">
          {engineTitle(model.engine)} · {integer(model.context_size)} tokens · {model.threads} {model.threads === 1 ? "thread" : "threads"}
        </span>
      </th>
      <td>
        {stateText(model)}
        {failure && (
          <span class="small block wrong">
            {sentence(failure.message)} {sentence(failure.hint)}
          </span>
        )}
      </td>
      <td class="worker-memory">
        <span class="number">{bytes(used)}</span>
        <Meter label={`Memory of ${name}`} value={used} max={limit} text={`${bytes(used)} of the limit of ${bytes(limit)}`} />
        <span class="muted small block">{measured_bytes > 0 ? `${bytes(memory_bytes)} are set aside` : "as estimated"}</span>
      </td>
      <td class="number">{model.waiting}</td>
      <td>
        {model.state === "ready" && (
          <Button aria-label={`Unload ${name}`} onClick={() => void unload(name).catch(complain)}>
            Unload
          </Button>
        )}
      </td>
    </tr>
  );
}
