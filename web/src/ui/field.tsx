// Labelled inputs. Each takes its value and says what the user made of it.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "./icons";
import "./field.css";

interface Common {
  label: string;
  hint?: ComponentChildren;
  error?: string;
  disabled?: boolean;
}

function Field({ id, label, hint, error, children }: Common & { id: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {error ? (
        <p id={`${id}-note`} class="field-error">
          {error}
        </p>
      ) : (
        hint && (
          <p id={`${id}-note`} class="field-hint">
            {hint}
          </p>
        )
      )}
    </div>
  );
}

function described(id: string, { hint, error }: Common) {
  return { id, "aria-describedby": hint || error ? `${id}-note` : undefined, "aria-invalid": error ? true : undefined };
}

export interface TextFieldProps extends Common {
  value: string;
  onInput(value: string): void;
  placeholder?: string;
  /** Lines; more than one makes a text area. */
  rows?: number;
  secret?: boolean | undefined;
  autofocus?: boolean;
}

export function TextField(props: TextFieldProps) {
  const id = useId();
  const { value, onInput, placeholder, rows = 1, secret, autofocus, disabled } = props;
  const shared = {
    ...described(id, props),
    class: "input",
    value,
    placeholder,
    disabled,
    autofocus,
    onInput: (event: Event) => onInput((event.currentTarget as HTMLInputElement).value),
  };
  return (
    <Field id={id} {...props}>
      {rows > 1 ? (
        <textarea rows={rows} {...shared} />
      ) : secret ? (
        <input type="password" autocomplete="off" {...shared} />
      ) : (
        <input type="text" autocomplete="off" {...shared} />
      )}
    </Field>
  );
}

export interface NumberFieldProps extends Common {
  /** undefined: nothing is said, and the placeholder shows what holds then. */
  value: number | undefined;
  onInput(value: number | undefined): void;
  min?: number;
  max?: number;
  step?: number;
  placeholder?: string;
}

export function NumberField(props: NumberFieldProps) {
  const id = useId();
  const { value, onInput, min, max, step, placeholder, disabled } = props;
  return (
    <Field id={id} {...props}>
      <input
        {...described(id, props)}
        class="input"
        type="number"
        inputMode="decimal"
        value={value ?? ""}
        min={min}
        max={max}
        step={step ?? "any"}
        placeholder={placeholder}
        disabled={disabled}
        onInput={(event) => {
          const text = event.currentTarget.value;
          onInput(text === "" ? undefined : Number(text));
        }}
      />
    </Field>
  );
}

export interface SelectFieldProps extends Common {
  value: string;
  onInput(value: string): void;
  options: { value: string; label: string; disabled?: boolean }[];
}

export function SelectField(props: SelectFieldProps) {
  const id = useId();
  const { value, onInput, options, disabled } = props;
  return (
    <Field id={id} {...props}>
      <select
        {...described(id, props)}
        class="input"
        value={value}
        disabled={disabled}
        onInput={(event) => onInput(event.currentTarget.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
    </Field>
  );
}

export interface SwitchProps extends Common {
  value: boolean;
  onInput(value: boolean): void;
}

export function Switch(props: SwitchProps) {
  const id = useId();
  const { label, hint, value, onInput, disabled } = props;
  return (
    <div class="field switch-field">
      <div class="grow">
        <label for={id}>{label}</label>
        {hint && (
          <p id={`${id}-note`} class="field-hint">
            {hint}
          </p>
        )}
      </div>
      <input
        {...described(id, props)}
        class="switch"
        type="checkbox"
        role="switch"
        checked={value}
        disabled={disabled}
        onInput={(event) => onInput(event.currentTarget.checked)}
      />
    </div>
  );
}

export function SearchField({ label, value, onInput }: { label: string; value: string; onInput(value: string): void }) {
  return (
    <div class="search-field">
      <Icon name="search" size={16} />
      <input
        class="input"
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  );
}
