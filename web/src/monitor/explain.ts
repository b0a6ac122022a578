// Events and states of the server for people: what happened means what, and what can be done.
import { sentence } from "../api/client";
import type { MachineStatus, ModelStatus, ServerEvent } from "../api/shapes";
import { duration } from "../format";

interface Meaning {
  title: string;
  kind: "plain" | "good" | "warn" | "danger";
  /** Why it happens and what to do; "" where the event says it all. */
  why: string;
}

export const meanings: Record<ServerEvent["kind"], Meaning> = {
  loaded: { title: "Loaded", kind: "good", why: "" },
  unloaded: { title: "Unloaded", kind: "plain", why: "" },
  idle_unloaded: { title: "Unloaded, idle", kind: "plain", why: "Nobody asked it for a while, so its memory was given back. Settings › Models and memory says how long a model stays." },
  evicted: { title: "Made room", kind: "warn", why: "Another model needed its memory. Raise the memory limit or load smaller models if this happens often." },
  load_failed: { title: "Could not load", kind: "danger", why: "Nothing else is harmed. Its details under Models say which engines can run it." },
  throttled: { title: "Slowed by heat", kind: "warn", why: "Answers are slower until the machine is cooler: let air reach it, or let models use fewer threads." },
  died: { title: "Engine died", kind: "danger", why: "Only this model was hit: engines run apart from each other. It is started again when it is next asked." },
};

/** Seconds since 1970 as "just now", "3 min ago", or a time of day. */
export function ago(time: number, now: number): string {
  const seconds = Math.max(0, now - time);
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return new Date(time * 1000).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });
}

/** What a model in memory does now. */
export function stateText(model: ModelStatus): string {
  const { state, load_progress, running, waiting, expires_seconds } = model;
  if (state === "loading") return `Loading, ${Math.round(load_progress * 100)}%`;
  if (state === "waiting_for_memory") return "Waits until memory is free";
  if (state === "unloading") return "Unloading when its answers have ended";
  if (state === "failed") return "Failed";
  if (running > 0) return running === 1 ? "Answers 1 request" : `Answers ${running} requests`;
  if (waiting > 0) return "About to answer";
  return expires_seconds === null ? "Idle, stays" : `Idle, unloads in ${duration(expires_seconds)}`;
}

export function temperature({ temperature_celsius, temperature_reason }: MachineStatus): { text: string; note: string } {
  if (temperature_celsius === null) return { text: "Not known", note: sentence(temperature_reason ?? "") };
  const note = temperature_celsius >= 85 ? "Hot: the machine may slow down to protect itself." : "Of the hottest part.";
  return { text: `${Math.round(temperature_celsius)} °C`, note };
}

export function battery({ battery, battery_reason }: MachineStatus): { text: string; note: string } {
  if (battery === null) return { text: "None", note: sentence(battery_reason ?? "") };
  return { text: `${Math.round(battery.percent)}%`, note: battery.charging ? "Charging." : "Answers take it down: plug the machine in for long work." };
}
