// Boxes to tick: one with its label, and several as a set.
import type { ComponentChildren } from "preact";
import "./check.css";

export interface CheckProps {
  checked: boolean;
  onChange(checked: boolean): void;
  disabled?: boolean;
  /** Given where `children` do not say enough on their own. */
  label?: string;
  children?: ComponentChildren;
}

export function Check({ checked, onChange, disabled, label, children }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} disabled={disabled} aria-label={label} onInput={(event) => onChange(event.currentTarget.checked)} />
      {children && <span>{children}</span>}
    </label>
  );
}

export function CheckSet({ legend, children }: { legend: string; children: ComponentChildren }) {
  return (
    <fieldset class="check-set">
      <legend>{legend}</legend>
      <div>{children}</div>
    </fieldset>
  );
}
