// Measuring models and engines: a new run, one run, two compared.
import { ViewHead } from "../ui/view";
import { CompareRuns } from "./compare_runs";
import { HistoryPart } from "./history_part";
import { NewRun } from "./new_run";
import { RunPage } from "./run_page";
import "./benchmark.css";

export function BenchmarkView({ path }: { path: string[] }) {
  const [first, second, third] = path;
  return (
    <div class="view">
      <div class="inner">
        {first === "compare" && second && third ? (
          <CompareRuns key={`${second} ${third}`} first={second} second={third} />
        ) : first ? (
          <RunPage key={first} id={first} />
        ) : (
          <>
            <ViewHead title="Benchmark" about="How fast each engine runs each model on this machine." />
            <div>
              <NewRun />
              <HistoryPart />
            </div>
          </>
        )}
      </div>
    </div>
  );
}
