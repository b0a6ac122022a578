import { ViewHead } from "../ui/view";

export function MonitorView(_: { path: string[] }) {
  return (
    <div class="view">
      <div class="inner">
        <ViewHead title="Monitor" about="What runs now, and what it needs." />
      </div>
    </div>
  );
}
