import { sentence } from "../api/client";
import type { Setting } from "../api/shapes";
import { SelectField, Switch, TextField } from "../ui/field";
import { changes, draft, edit, problem } from "./draft";
import { notes, range, storedSecret, title } from "./titles";
import { typedOf } from "./values";

/** The field of a setting: what it is, what it does, and what holds without it. */
export function SettingField({ setting }: { setting: Setting }) {
  const { key, help, choices, secret, repeatable, minimum, maximum } = setting;
  const typed = draft.value[key] ?? typedOf(setting);
  const hint = [sentence(help), range(minimum, maximum), ...notes(setting)].filter(Boolean).join(" ");
  const common = { label: title(setting), hint, error: changes.value.errors[key] ?? refused(key) };
  if (typeof typed === "boolean") return <Switch {...common} value={typed} onInput={(on) => edit(setting, on)} />;
  const fallback = setting.default === "" ? "Not set" : `Default: ${setting.default}`;
  const onInput = (text: string) => edit(setting, text);
  if (choices && !repeatable) {
    const options = [{ value: "", label: fallback }, ...choices.map((value) => ({ value, label: value }))];
    return <SelectField {...common} value={typed} onInput={onInput} options={options} />;
  }
  const placeholder = secret && setting.active !== null ? storedSecret : fallback;
  return <TextField {...common} value={typed} onInput={onInput} placeholder={placeholder} secret={secret} rows={repeatable ? 3 : key === "system" ? 4 : 1} />;
}

/** What the server said of this one when it refused to save; it names the key. */
function refused(key: string): string {
  const { value } = problem;
  return value instanceof Error && new RegExp(`\\b${key}\\b`, "i").test(value.message) ? value.message : "";
}
