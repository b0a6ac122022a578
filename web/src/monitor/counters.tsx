import type { Status } from "../api/shapes";
import { integer } from "../format";
import { Facts } from "../ui/facts";
import { Section } from "../ui/section";

const titles: Record<string, string> = {
  submitted: "Requests",
  answered: "Answered",
  failed: "Failed",
  refused: "Refused, too many waited",
  prompt_tokens: "Tokens read",
  cached_tokens: "Tokens known from before",
  generated_tokens: "Tokens written",
  loads: "Models loaded",
  load_failures: "Loads that failed",
  evictions: "Models that made room",
  idle_unloads: "Models unloaded when idle",
  deaths: "Engines that died",
  failovers: "Answers that went on after that",
};

/** Counts since the server started. */
export function Counters({ now }: { now: Status }) {
  return (
    <Section title="Since the start" about={`Tenfold ${now.version}`}>
      <div class="card counters">
        <Facts facts={Object.entries(now.counters).map(([name, count]) => [titles[name] ?? name.replaceAll("_", " "), <span class="number">{integer(count)}</span>])} />
      </div>
    </Section>
  );
}
