import type { Settings } from "../api/shapes";
import { Facts } from "../ui/facts";
import { Section } from "../ui/section";

/** Where things lie. */
export function DataPart({ settings }: { settings: Settings }) {
  return (
    <Section title="Data" about="All of it is on the machine where Tenfold runs. TENFOLD_HOME, set when it starts, moves it.">
      <div class="card">
        <Facts
          facts={[
            ["Conversations and results", <code>{settings.data_folder}</code>],
            ["Models", <code>{settings.models_folder}</code>],
            ["Settings", <code>{settings.config_file}</code>],
            ["Version", `Tenfold ${settings.version}`],
          ]}
        />
      </div>
    </Section>
  );
}
