import type { Setting } from "../api/shapes";
import { settings } from "./draft";
import { SettingField } from "./setting_field";

const ownFields = new Set(["theme", "engine_option"]); // in other tabs

/** The settings of a group, in the server's order. */
export function GroupPart({ group }: { group: Setting["group"] }) {
  const rows = (settings.value?.settings ?? []).filter((row) => row.group === group && !ownFields.has(row.key));
  return (
    <div class="card setting-fields">
      {rows.map((row) => (
        <SettingField key={row.key} setting={row} />
      ))}
    </div>
  );
}
