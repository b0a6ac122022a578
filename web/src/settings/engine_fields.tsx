// The options of an engine as fields, made from the engine's own list.
import { sentence } from "../api/client";
import type { OptionSpec, Setting } from "../api/shapes";
import { SelectField, TextField } from "../ui/field";
import { draft, edit, settings } from "./draft";
import { optionError, optionValue, shownValue, withOption } from "./engine_options";
import { range, storedSecret } from "./titles";
import { typedOf } from "./values";

export function EngineFields({ engine, options }: { engine: string; options: OptionSpec[] }) {
  const setting = settings.value?.settings.find(({ key }) => key === "engine_option");
  if (!setting) return null;
  return (
    <>
      <p class="muted">They act when Tenfold is started again. An empty field is the engine's default.</p>
      <div class="setting-fields">
        {options.map((option) => (
          <OptionField key={option.name} engine={engine} option={option} setting={setting} />
        ))}
      </div>
    </>
  );
}

function OptionField({ engine, option, setting }: { engine: string; option: OptionSpec; setting: Setting }) {
  const { name, type, kind, help, minimum, maximum } = option;
  const lines = String(draft.value[setting.key] ?? typedOf(setting));
  const value = optionValue(lines, engine, name);
  const choices = option.choices ?? (type === "bool" ? ["true", "false"] : undefined);
  const fallback = option.default === "" ? "Not set" : `Default: ${option.default}`;
  const shared = {
    label: name,
    value: shownValue(option, value),
    hint: [sentence(help), choices ? "" : range(minimum, maximum)].filter(Boolean).join(" "),
    error: optionError(option, value),
    onInput: (text: string) => edit(setting, withOption(lines, engine, name, text)),
  };
  if (choices) return <SelectField {...shared} options={[{ value: "", label: fallback }, ...choices.map((one) => ({ value: one, label: one }))]} />;
  const secret = kind === "secret";
  return <TextField {...shared} placeholder={secret && value !== "" ? storedSecret : fallback} secret={secret} />;
}
