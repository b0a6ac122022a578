import { ViewHead } from "../ui/view";

export function BenchmarkView(_: { path: string[] }) {
  return (
    <div class="view">
      <div class="inner">
        <ViewHead title="Benchmark" about="How fast each engine runs each model on this machine." />
      </div>
    </div>
  );
}
