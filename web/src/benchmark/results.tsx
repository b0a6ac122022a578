// The measured values of a run: charts for a look, a table with everything.
import { sentence } from "../api/client";
import type { BenchmarkRow, BenchmarkRun } from "../api/shapes";
import { Badge } from "../ui/badge";
import { capital } from "../ui/capital";
import { BarChart } from "../ui/charts/bar_chart";
import { Section } from "../ui/section";
import { Table } from "../ui/table";
import { barGroups, best, columns, families, familyTitle, metric, metricText, type Column } from "./metrics";
import { rowLabel, stateKinds, stateWords } from "./words";

export function Results({ run }: { run: BenchmarkRun }) {
  const all = columns(run.rows);
  return (
    <div>
      {all.length > 0 && (
        <Section title="Charts">
          <div class="charts">
            {families(all).map((family) => (
              <BarChart
                key={family.name}
                title={familyTitle(family)}
                about={`${family.columns[0]!.better === "higher" ? "More" : "Less"} is better.${hasSpread(run.rows) ? " The line is one standard deviation to each side." : ""}`}
                groups={barGroups(run.rows, family, rowLabel)}
              />
            ))}
          </div>
        </Section>
      )}
      <Section title="All values" about={all.length > 0 ? "Mean ± standard deviation." : undefined}>
        <Table label="Results">
          <thead>
            <tr>
              <th scope="col">Model and engine</th>
              {all.map((column) => (
                <th key={column.name} scope="col" class="number">
                  {capital(column.title)}
                </th>
              ))}
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {run.rows.map((row) => (
              <Row key={rowLabel(row)} row={row} rows={run.rows} all={all} />
            ))}
          </tbody>
        </Table>
      </Section>
    </div>
  );
}

function Row({ row, rows, all }: { row: BenchmarkRow; rows: BenchmarkRow[]; all: Column[] }) {
  return (
    <tr>
      <th scope="row">
        {rowLabel(row)}
        <span class="muted small block">{[row.engine_version, row.format, row.threads > 0 && `${row.threads} threads`].filter(Boolean).join(" · ")}</span>
      </th>
      {all.map((column) => {
        const found = metric(row, column.name);
        return (
          <td key={column.name} class="number">
            {found ? metricText(found) : <span class="muted">–</span>}
            {best(rows, column) === row && <span class="bar-best block small">best</span>}
          </td>
        );
      })}
      <td>
        <Badge kind={stateKinds[row.state]}>{stateWords[row.state]}</Badge>
        {row.error && (
          <span class="small block wrong row-error">
            {sentence(row.error.message)} {sentence(row.error.hint)}
          </span>
        )}
      </td>
    </tr>
  );
}

function hasSpread(rows: BenchmarkRow[]): boolean {
  return rows.some(({ metrics }) => metrics.some(({ sd }) => sd !== null && sd > 0));
}
