import { ViewHead } from "../ui/view";

export function SettingsView(_: { path: string[] }) {
  return (
    <div class="view">
      <div class="inner">
        <ViewHead title="Settings" about="How answers are made and who may ask." />
      </div>
    </div>
  );
}
