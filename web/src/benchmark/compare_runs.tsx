// Two runs side by side.
import { ask } from "../api/client";
import type { BenchmarkRun } from "../api/shapes";
import { address } from "../router";
import { Badge } from "../ui/badge";
import { capital } from "../ui/capital";
import { EmptyNote, ErrorNote } from "../ui/notes";
import { useResource } from "../ui/resource";
import { Section } from "../ui/section";
import { Table } from "../ui/table";
import { ViewHead } from "../ui/view";
import { differences, pairs, percentText, type Change, type Pair } from "./compare";
import { metricText } from "./metrics";
import { runTitle } from "./plan";
import { rowLabel, when } from "./words";

export function CompareRuns({ first, second }: { first: string; second: string }) {
  const one = (id: string) => ask<BenchmarkRun>(`/api/v1/benchmarks/${encodeURIComponent(id)}`);
  const { data, error, reload } = useResource(() => Promise.all([one(first), one(second)]), [first, second]);
  if (error !== undefined) return <ErrorNote error={error} onRetry={() => void reload()} />;
  if (!data) return null;
  const [before, after] = data;
  const found = pairs(before, after);
  const common = found.filter(({ changes }) => changes.length > 0);
  return (
    <>
      <a class="small" href={address("benchmark")}>
        All benchmarks
      </a>
      <ViewHead title="Two benchmarks compared" about={`${runTitle(before)}, ${when(before.created)} → ${runTitle(after)}, ${when(after.created)}`} />
      {differences(before, after).map((text) => (
        <p key={text} class="small">
          {text}
        </p>
      ))}
      {common.length === 0 && (
        <EmptyNote icon="columns" title="They have nothing in common">
          <p>Both must have measured the same model on the same engine with the same lengths.</p>
        </EmptyNote>
      )}
      <div>
        {common.map((pair) => (
          <PairTable key={rowLabel(pair.row)} pair={pair} before={when(before.created)} after={when(after.created)} />
        ))}
      </div>
    </>
  );
}

const kinds: Record<Change["verdict"], "good" | "danger" | "plain"> = { better: "good", worse: "danger", same: "plain" };

function PairTable({ pair, before, after }: { pair: Pair; before: string; after: string }) {
  return (
    <Section title={rowLabel(pair.row)}>
      <Table label={rowLabel(pair.row)}>
        <thead>
          <tr>
            <th scope="col">Measured</th>
            <th scope="col">Change</th>
            <th scope="col" class="number">
              {before}
            </th>
            <th scope="col" class="number">
              {after}
            </th>
          </tr>
        </thead>
        <tbody>
          {pair.changes.map((change) => (
            <tr key={change.metric.name}>
              <th scope="row">{capital(change.metric.title)}</th>
              <td>
                <Badge kind={kinds[change.verdict]}>{percentText(change)}</Badge>
              </td>
              <td class="number">{metricText(change.before)}</td>
              <td class="number">{metricText(change.metric)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
