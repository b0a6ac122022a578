import { ask } from "../api/client";
import type { BenchmarkRun } from "../api/shapes";
import { confirm } from "../ui/ask";
import { complain } from "../ui/toast";
import { runTitle } from "./plan";
import { when } from "./words";

/** Asks first; true if it is gone. */
export async function deleteRun(run: BenchmarkRun): Promise<boolean> {
  const sure = await confirm({
    title: "Delete this benchmark?",
    text: `${runTitle(run)} of ${when(run.created)} and its results are deleted for good.${run.state === "running" ? " It is cancelled first." : ""}`,
    action: "Delete",
    danger: true,
  });
  if (!sure) return false;
  try {
    await ask(`/api/v1/benchmarks/${encodeURIComponent(run.id)}`, { method: "DELETE" });
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}
