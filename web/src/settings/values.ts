// What is typed into a setting's field, and the value that makes of it.
import type { Setting } from "../api/shapes";

export type Typed = string | boolean;
export type Value = Setting["value"];
export type Parsed = { value: Value } | { error: string };

/** What the field shows for the saved value; "" for one that is not saved. */
export function typedOf({ type, value, repeatable, default: fallback }: Setting): Typed {
  if (type === "flag") return value === null ? fallback === "true" : value === true;
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.join(repeatable ? "\n" : ", ");
  return String(value);
}

/** An empty field means the default: null takes the key out of config.json. */
export function parsed(setting: Setting, typed: Typed): Parsed {
  const { type, repeatable, default: fallback } = setting;
  if (typeof typed === "boolean") return { value: typed === (fallback === "true") ? null : typed };
  const text = typed.trim();
  if (text === "") return { value: null };
  if (repeatable) return { value: lines(text) };
  if (type === "integer" || type === "number") return inRange(setting, text);
  if (type === "integers") return list(setting, text);
  if (type === "bytes" && !/^\d+(\.\d+)?\s*[kmgt]?(i?b)?$/i.test(text)) return { error: "Write a size such as 600M or 4G." };
  return { value: text };
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function inRange({ type, minimum, maximum }: Setting, text: string): { value: number } | { error: string } {
  const value = Number(text);
  if (!Number.isFinite(value) || (type !== "number" && !Number.isInteger(value))) {
    return { error: type === "number" ? "Write a number." : "Write a whole number." };
  }
  if (minimum !== undefined && value < minimum) return { error: `At least ${minimum}.` };
  if (maximum !== undefined && value > maximum) return { error: `At most ${maximum}.` };
  return { value };
}

function list(setting: Setting, text: string): Parsed {
  const values: number[] = [];
  for (const part of text.split(",").filter((one) => one.trim() !== "")) {
    const one = inRange(setting, part.trim());
    if ("error" in one) return { error: `Write whole numbers with commas between them. ${one.error}` };
    values.push(one.value);
  }
  return { value: values.join(",") };
}
