import { status } from "../api/live";
import type { MemoryNeed } from "../api/shapes";
import { bytes } from "../format";
import { Facts } from "../ui/facts";
import { Meter } from "../ui/meter";

export function MemoryParts({ need }: { need: MemoryNeed }) {
  const limit = status.value?.memory_limit_bytes ?? 0;
  return (
    <div class="stack">
      {limit > 0 && (
        <Meter label="Share of the memory limit" value={need.total} max={limit} text={`${bytes(need.total)} of the limit of ${bytes(limit)}`} />
      )}
      <Facts
        facts={[
          ["Together", <strong>{bytes(need.total)}</strong>],
          ["Weights", bytes(need.weights)],
          ["Context (key-value cache)", bytes(need.cache)],
          ["Computing", bytes(need.compute)],
          ["Overhead", bytes(need.overhead)],
          ["Limit for all models", limit > 0 && bytes(limit)],
        ]}
      />
    </div>
  );
}
