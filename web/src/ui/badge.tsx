import type { ComponentChildren } from "preact";
import "./badge.css";

/** A word or two about a thing, in the colour of what they mean. */
export function Badge({ kind = "plain", children }: { kind?: "plain" | "good" | "warn" | "danger" | "accent"; children: ComponentChildren }) {
  return <span class={`badge ${kind}`}>{children}</span>;
}
