import { sentence } from "../api/client";
import { engineTitle } from "../api/library";
import type { EngineFit } from "../api/shapes";
import { Badge } from "../ui/badge";
import { Table } from "../ui/table";

/** All ten; those that can run it first. */
export function EngineFits({ fits }: { fits: EngineFit[] }) {
  const sorted = [...fits].sort((a, b) => Number(b.can_run) - Number(a.can_run) || Number(b.opens_format) - Number(a.opens_format));
  return (
    <Table label="Engines">
      <thead>
        <tr>
          <th scope="col">Engine</th>
          <th scope="col">Runs it</th>
          <th scope="col">Why not</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map(({ name, can_run, reason }) => (
          <tr key={name}>
            <th scope="row">{engineTitle(name)}</th>
            <td>{can_run ? <Badge kind="good">Yes</Badge> : <Badge>No</Badge>}</td>
            <td class="muted">{reason ? sentence(reason) : ""}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
