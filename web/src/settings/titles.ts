// Names of settings for people.
import type { Setting } from "../api/shapes";
import { capital } from "../ui/capital";

const titles: Record<string, string> = {
  ctx: "Context size",
  context_size: "Context size",
  min_p: "Min-p",
  top_k: "Top-k",
  top_p: "Top-p",
  no_failover: "Do not go on after an engine died",
  idle_unload: "Unload when idle",
  parallel: "Answers at once",
  queue: "Requests that may wait",
  max_tokens: "Longest answer",
  system: "System message",
  stop: "Stop texts",
  model: "Default model",
  json_schema: "JSON schema",
  api_key: "API key",
  api_key_file: "File of API keys",
  allow_host: "Host names",
  allow_origin: "Origins of other pages",
  host: "Address",
  engine_option: "Engine options",
};

/** "memory_limit": "Memory limit" */
export function title({ key }: Pick<Setting, "key">): string {
  const words = key.replaceAll("_", " ");
  return titles[key] ?? capital(words);
}

/** What else a user must know of a setting, in sentences; "" if nothing. */
export function notes(setting: Setting): string[] {
  const { source, active, restart, repeatable } = setting;
  const said: string[] = [];
  if (repeatable) said.push("One a line.");
  if (source === "command_line") said.push(`Now ${active ?? "unset"}, from the command line, which comes before what is saved here.`);
  if (source === "environment") said.push(`Now ${active ?? "unset"}, from the environment, which comes before what is saved here.`);
  if (restart) said.push("Needs a restart of Tenfold to act.");
  return said;
}

export function range(minimum: number | string | undefined, maximum: number | string | undefined): string {
  if (minimum !== undefined && maximum !== undefined) return `From ${minimum} to ${maximum}.`;
  if (minimum !== undefined) return `At least ${minimum}.`;
  return maximum === undefined ? "" : `At most ${maximum}.`;
}

/** What stands in the empty field of a secret. */
export const storedSecret = "Set, and not shown";
