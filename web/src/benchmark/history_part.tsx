import { useState } from "preact/hooks";
import { ask } from "../api/client";
import { status } from "../api/live";
import type { BenchmarkRun, BenchmarkRuns } from "../api/shapes";
import { address, go } from "../router";
import { Badge } from "../ui/badge";
import { Button, IconButton } from "../ui/button";
import { Check } from "../ui/check";
import { EmptyNote, ErrorNote } from "../ui/notes";
import { useResource } from "../ui/resource";
import { Section } from "../ui/section";
import { Table } from "../ui/table";
import { deleteRun } from "./delete_run";
import { runTitle } from "./plan";
import { stateKinds, stateWords, when } from "./words";

/** The runs so far; two of them can be compared. */
export function HistoryPart() {
  const { data, error, reload } = useResource(() => ask<BenchmarkRuns>("/api/v1/benchmarks"), [status.value?.benchmark]);
  const [chosen, setChosen] = useState<string[]>([]);
  const runs = data?.benchmarks ?? [];
  const pick = (id: string, on: boolean) => setChosen(on ? [...chosen, id].slice(-2) : chosen.filter((one) => one !== id));
  const compare = () => {
    const [later, earlier] = runs.filter(({ id }) => chosen.includes(id));
    go("benchmark", ["compare", earlier!.id, later!.id]);
  };
  const remove = async (run: BenchmarkRun) => {
    if (!(await deleteRun(run))) return;
    pick(run.id, false);
    await reload();
  };
  return (
    <Section
      title="History"
      actions={
        runs.length > 1 && (
          <Button icon="columns" disabled={chosen.length !== 2} onClick={compare}>
            {chosen.length === 2 ? "Compare the two" : "Tick two to compare"}
          </Button>
        )
      }
    >
      {error !== undefined && !data && <ErrorNote error={error} onRetry={() => void reload()} />}
      {data && runs.length === 0 && (
        <div class="card">
          <EmptyNote icon="gauge" title="No benchmark yet">
            <p>Choose models and engines above and start: the results are kept here.</p>
          </EmptyNote>
        </div>
      )}
      {runs.length > 0 && (
        <Table label="Benchmarks so far">
          <thead>
            <tr>
              <th scope="col">
                <span class="unseen">Compare</span>
              </th>
              <th scope="col">What</th>
              <th scope="col">When</th>
              <th scope="col">State</th>
              <th scope="col">
                <span class="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.id} class="matrix-row">
                <td>
                  <Check checked={chosen.includes(run.id)} onChange={(on) => pick(run.id, on)} label={`Compare ${runTitle(run)} of ${when(run.created)}`} />
                </td>
                <th scope="row">
                  <a href={address("benchmark", run.id)}>{runTitle(run)}</a>
                </th>
                <td>{when(run.created)}</td>
                <td>
                  <Badge kind={stateKinds[run.state]}>{stateWords[run.state]}</Badge>
                </td>
                <td class="number">
                  <IconButton icon="trash" label={`Delete ${runTitle(run)} of ${when(run.created)}`} onClick={() => void remove(run)} />
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  );
}
