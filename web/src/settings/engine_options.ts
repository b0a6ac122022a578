// The setting engine_option: lines of ENGINE.NAME=VALUE.
import type { OptionSpec } from "../api/shapes";

/** What a line says of an option; "" where none does, so that the engine's default holds. */
export function optionValue(lines: string, engine: string, name: string): string {
  const start = `${engine}.${name}=`;
  return lines.split("\n").find((line) => line.startsWith(start))?.slice(start.length) ?? "";
}

/** The lines with another value for an option; "" takes it out. */
export function withOption(lines: string, engine: string, name: string, value: string): string {
  const start = `${engine}.${name}=`;
  const others = lines.split("\n").filter((line) => line !== "" && !line.startsWith(start));
  return [...others, ...(value === "" ? [] : [start + value])].join("\n");
}

/** What the server shows for a secret that is stored; sent back, it keeps it. */
export const hiddenSecret = "(set)";

/** What a field shows of an option's value: of a stored secret nothing, so that typing replaces it. */
export function shownValue({ kind }: OptionSpec, value: string): string {
  return kind === "secret" && value === hiddenSecret ? "" : value;
}

/** Why the engine will not take a value; "" if it will. */
export function optionError({ type, minimum, maximum }: OptionSpec, text: string): string {
  if (text === "" || type === "string" || type === "bool") return "";
  const value = Number(text);
  if (!Number.isFinite(value)) return "Write a number.";
  if (type === "integer" && !Number.isInteger(value)) return "Write a whole number.";
  if (minimum !== undefined && value < Number(minimum)) return `At least ${minimum}.`;
  if (maximum !== undefined && value > Number(maximum)) return `At most ${maximum}.`;
  return "";
}
