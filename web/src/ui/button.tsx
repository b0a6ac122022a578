import type { ComponentChildren, Ref } from "preact";
import { Icon, type IconName } from "./icons";
import "./button.css";

interface Common {
  onClick?: (event: MouseEvent) => void;
  disabled?: boolean;
  type?: "button" | "submit";
  class?: string;
  buttonRef?: Ref<HTMLButtonElement>;
  [aria: `aria-${string}`]: string | number | boolean | undefined;
}

export interface ButtonProps extends Common {
  /** primary: the one thing to do here; plain: others; quiet: without a frame; danger: it destroys */
  kind?: "primary" | "plain" | "quiet" | "danger";
  icon?: IconName;
  /** Something runs that it began: it cannot be pressed again. */
  busy?: boolean;
  children: ComponentChildren;
}

export function Button({ kind = "plain", icon, busy, children, buttonRef, disabled, class: name = "", ...rest }: ButtonProps) {
  return (
    <button type="button" ref={buttonRef} class={`button ${kind} ${name}`} aria-busy={busy} disabled={disabled || busy} {...rest}>
      {busy ? <span class="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

export interface IconButtonProps extends Common {
  icon: IconName;
  /** Read aloud, and shown when the pointer rests on it. */
  label: string;
  pressed?: boolean;
  size?: number;
}

export function IconButton({ icon, label, pressed, size = 18, buttonRef, class: name = "", ...rest }: IconButtonProps) {
  return (
    <button type="button" ref={buttonRef} class={`icon-button ${name}`} aria-label={label} title={label} aria-pressed={pressed} {...rest}>
      <Icon name={icon} size={size} />
    </button>
  );
}
