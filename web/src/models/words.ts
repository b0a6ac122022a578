// What the view says of models and downloads, in sentences.
import type { CatalogueModel, DownloadProgress, MachineStatus, StoredModel } from "../api/shapes";
import { bytes, duration } from "../format";
import { capital } from "../ui/capital";

export interface Fit {
  kind: "good" | "danger" | "plain";
  text: string;
}

/** Whether a model runs here, and why not. */
export function fit(model: CatalogueModel, machine: MachineStatus | undefined): Fit {
  const { state, why, instead } = model.outlook;
  if (state === "cannot_run") return { kind: "danger", text: `Does not run here: ${why}.${instead ? ` ${capital(instead)}.` : ""}` };
  if (model.memory === null || model.fits === null) return { kind: "plain", text: "Not known if it fits: its size is not in the catalogue." };
  const free = machine ? `${bytes(machine.memory_available_bytes)} is free` : "";
  if (model.fits) return { kind: "good", text: `Fits: needs about ${bytes(model.memory)} of memory${free && `, ${free}`}.` };
  return { kind: "danger", text: `Does not fit now: needs about ${bytes(model.memory)} of memory${free && `, ${free}`}.` };
}

/** Whether a file of its form has run; "" where it cannot. */
export function tried({ outlook: { state, day } }: CatalogueModel): string {
  if (state === "verified") return `A small model in its form ran on ${day}.`;
  return state === "unverified" ? "No file in its form has been tried yet: it may turn out not to run." : "";
}

/** Why it cannot be downloaded from this page; "" if it can. */
export function byHand(model: CatalogueModel): string {
  if (model.source === "page") return "Its owner hands it out on a web page only: get it there, then add its file.";
  if (model.source === "system") return "It is part of an operating system and cannot be downloaded.";
  return "";
}

export function size(model: CatalogueModel): string {
  if (model.bytes !== null) return bytes(model.bytes);
  return model.approximate_bytes === null ? "size not known" : `about ${bytes(model.approximate_bytes)}`;
}

/** How far a download is, for people. */
export function progressText(download: DownloadProgress): string {
  const { state, step, done_bytes, total_bytes, bytes_per_second, seconds_left } = download;
  const amount = total_bytes === null ? bytes(done_bytes) : `${bytes(done_bytes)} of ${bytes(total_bytes)}`;
  if (state === "waiting") return "Waits for the download before it";
  if (state === "cancelled") return `Paused at ${amount}`;
  if (state === "failed") return `Stopped at ${amount}`;
  const parts = [amount];
  if (bytes_per_second > 0) parts.push(`${bytes(bytes_per_second)}/s`);
  if (seconds_left !== null) parts.push(`${duration(seconds_left)} left`);
  if (done_bytes === 0 && step !== "") return step;
  return parts.join(" · ");
}

/** What removing a model does, before it is done. */
export function removal(model: StoredModel, loaded: boolean): string {
  const files = model.files.length > 1 ? `Its ${model.files.length} files` : "Its file";
  const what = model.owned
    ? `${files} (${bytes(model.bytes)}, ${model.path}) will be deleted.`
    : `Tenfold only forgets it. ${files} (${model.path}) ${model.files.length > 1 ? "stay" : "stays"} where ${model.files.length > 1 ? "they are" : "it is"}.`;
  return loaded ? `${what} It is in memory now and is unloaded first.` : what;
}

export const origins: Record<StoredModel["origin"], string> = {
  pulled: "Downloaded",
  imported: "Added by path",
  adopted: "Kept by another program",
};
