// What the models take on disk, and what is free.
import { ask } from "../api/client";
import type { ClearedDownloads, DiskUse } from "../api/shapes";
import { bytes } from "../format";
import { confirm } from "../ui/ask";
import { Button } from "../ui/button";
import { ErrorNote } from "../ui/notes";
import { Meter } from "../ui/meter";
import { useResource } from "../ui/resource";
import { Section } from "../ui/section";
import { Table } from "../ui/table";
import { complain, notify } from "../ui/toast";
import { changed, storeChanges } from "./downloads";

async function clearUnfinished() {
  const text = "What came of them is gone then: they start anew. Downloads that run are left alone.";
  if (!(await confirm({ title: "Delete unfinished downloads?", text, action: "Delete", danger: true }))) return;
  try {
    const { freed_bytes } = await ask<ClearedDownloads>("/api/v1/downloads", { method: "DELETE" });
    notify(`${bytes(freed_bytes)} are free again.`);
    changed();
  } catch (error) {
    complain(error);
  }
}

export function DiskUseBar() {
  const { data, error, reload } = useResource(() => ask<DiskUse>("/api/v1/disk"), [storeChanges.value]);
  if (error && !data) return <ErrorNote error={error} onRetry={() => void reload()} />;
  if (!data) return null;
  const own = data.owned_bytes + data.unfinished_bytes;
  const text = `${bytes(own)} used by Tenfold, ${bytes(data.free_bytes)} free`;
  return (
    <Section title="Disk">
      <div class="card stack">
        <Meter label="Disk" value={own} max={own + data.free_bytes} text={text} />
        <p class="small">
          {text} in <code>{data.folder}</code>.
          {data.linked_bytes > 0 && ` ${bytes(data.linked_bytes)} more lie where other programs keep them.`}
          {data.unfinished_bytes > 0 && ` ${bytes(data.unfinished_bytes)} of that are downloads that were not finished.`}
        </p>
        {data.unfinished_bytes > 0 && (
          <Button icon="trash" onClick={() => void clearUnfinished()}>
            Delete unfinished downloads
          </Button>
        )}
        <details>
          <summary>By model</summary>
          <Table label="Disk use by model">
            <thead>
              <tr>
                <th scope="col">Model</th>
                <th scope="col">Files are</th>
                <th scope="col" class="number">
                  Size
                </th>
              </tr>
            </thead>
            <tbody>
              {data.models.map(({ name, bytes: size, owned }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{owned ? "Tenfold's" : "elsewhere"}</td>
                  <td class="number">{bytes(size)}</td>
                </tr>
              ))}
            </tbody>
          </Table>
        </details>
      </div>
    </Section>
  );
}
