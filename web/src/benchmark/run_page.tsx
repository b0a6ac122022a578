// One run: live while it runs, then its tables and charts.
import { useEffect, useState } from "preact/hooks";
import { ask, sentence } from "../api/client";
import { follow } from "../api/events";
import type { BenchmarkRun } from "../api/shapes";
import { bytes } from "../format";
import { address, go } from "../router";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { Menu } from "../ui/menu";
import { ErrorNote, Progress } from "../ui/notes";
import { complain } from "../ui/toast";
import { deleteRun } from "./delete_run";
import { exportRun } from "./export_run";
import { runTitle } from "./plan";
import { Results } from "./results";
import { stateKinds, stateWords, when } from "./words";

export function RunPage({ id }: { id: string }) {
  const [run, setRun] = useState<BenchmarkRun>();
  const [error, setError] = useState<unknown>();
  const path = `/api/v1/benchmarks/${encodeURIComponent(id)}`;
  useEffect(() => {
    const stop = new AbortController();
    void follow(`${path}/events`, {
      signal: stop.signal,
      onEvent: ({ event, data }) => {
        if (event !== "benchmark") return false;
        const next = JSON.parse(data) as BenchmarkRun;
        setRun(next);
        return next.state !== "running";
      },
      onError: setError,
    });
    return () => stop.abort();
  }, [path]);
  return (
    <>
      <a class="small" href={address("benchmark")}>
        All benchmarks
      </a>
      {error !== undefined && <ErrorNote error={error} retry="All benchmarks" onRetry={() => go("benchmark")} />}
      {run && (
        <>
          <RunHead run={run} />
          {run.state === "running" && <Live run={run} cancel={() => ask(`${path}/cancel`, { method: "POST" })} />}
          {run.error && (
            <div class="card wrong" role="alert">
              {sentence(run.error.message)} {sentence(run.error.hint)}
            </div>
          )}
          <Results run={run} />
        </>
      )}
    </>
  );
}

function RunHead({ run }: { run: BenchmarkRun }) {
  const { machine, plan } = run;
  const save = (format: "json" | "csv") => () => void exportRun(run.id, format).catch(complain);
  const remove = async () => {
    if (await deleteRun(run)) go("benchmark");
  };
  return (
    <header class="view-head">
      <div class="grow">
        <h1>
          {runTitle(run)} <Badge kind={stateKinds[run.state]}>{stateWords[run.state]}</Badge>
        </h1>
        <p class="muted small">
          {[
            when(run.created),
            machine.cpu || `${machine.cores} cores`,
            `${bytes(machine.memory_total_bytes)} of memory`,
            plan.threads > 0 && `${plan.threads} threads`,
            `${plan.repetitions} repetitions`,
            `Tenfold ${machine.version}`,
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      <div class="row">
        <Button icon="download" onClick={save("json")}>
          JSON
        </Button>
        <Button icon="download" onClick={save("csv")}>
          CSV
        </Button>
        <Menu label="More" items={[{ label: "Delete…", icon: "trash", danger: true, onSelect: () => void remove() }]} />
      </div>
    </header>
  );
}

function Live({ run, cancel }: { run: BenchmarkRun; cancel(): Promise<unknown> }) {
  const [busy, setBusy] = useState(false);
  const stop = () => {
    setBusy(true);
    cancel().catch((error) => (setBusy(false), complain(error)));
  };
  return (
    <div class="card row">
      <div class="grow">
        <Progress label="Benchmark" value={run.total > 0 ? run.done / run.total : undefined} />
        <p class="small live-step" role="status">
          {run.step || "Begins"} <span class="muted number">({run.done} of {run.total} steps)</span>
        </p>
      </div>
      <Button icon="stop" busy={busy} onClick={stop}>
        Cancel
      </Button>
    </div>
  );
}
