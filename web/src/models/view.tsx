import { ViewHead } from "../ui/view";

export function ModelsView(_: { path: string[] }) {
  return (
    <div class="view">
      <div class="inner">
        <ViewHead title="Models" about="What is here and what can be had." />
      </div>
    </div>
  );
}
