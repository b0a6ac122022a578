// Places that say something instead of showing something: nothing here yet, or it failed.
import type { ComponentChildren } from "preact";
import { worded } from "../api/client";
import { Button } from "./button";
import { Icon, type IconName } from "./icons";
import "./notes.css";

/** What failed, the next step, and a way to try again. */
export function ErrorNote({ error, onRetry, retry = "Try again" }: { error: unknown; onRetry?: () => void; retry?: string }) {
  const { message, hint } = worded(error);
  return (
    <div class="error-note" role="alert">
      <Icon name="alert" />
      <div class="grow">
        <p>{message}</p>
        {hint && <p class="small">{hint}</p>}
      </div>
      {onRetry && <Button onClick={onRetry}>{retry}</Button>}
    </div>
  );
}

export function EmptyNote({ icon, title, children }: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty-note">
      <Icon name={icon} size={30} />
      <h2>{title}</h2>
      {children && <div class="muted">{children}</div>}
    </div>
  );
}

/** `value` of 0..1; undefined while nobody knows. */
export function Progress({ label, value }: { label: string; value: number | undefined }) {
  return <progress class="progress" aria-label={label} max={1} {...(value === undefined ? {} : { value })} />;
}
