// The queue of downloads, watched from anywhere in the page while one runs.
import { computed, effect, signal } from "@preact/signals";
import { ask, isGone } from "../api/client";
import { connected } from "../api/connection";
import { refreshLibrary } from "../api/library";
import type { DownloadProgress, Downloads } from "../api/shapes";
import { complain, notify } from "../ui/toast";

const all = signal<DownloadProgress[]>([]);
const dismissed = signal<ReadonlySet<string>>(new Set());

/** Grows when something came or went on disk. */
export const storeChanges = signal(0);

export const downloads = computed(() => latestOfEach(all.value).filter(({ id, state }) => state !== "done" && !dismissed.value.has(id)));

export function isActive({ state }: DownloadProgress): boolean {
  return state === "waiting" || state === "running";
}

/** One row a model: a resumed download takes the place of the one it goes on with. */
export function latestOfEach(list: DownloadProgress[]): DownloadProgress[] {
  return list.filter((one, at) => list.findIndex(({ model }) => model === one.model) === at);
}

export async function refreshDownloads(): Promise<void> {
  const { downloads: next } = await ask<Downloads>("/api/v1/downloads");
  const before = new Map(all.value.map((download) => [download.id, download.state]));
  all.value = next;
  const came = next.filter(({ id, state }) => state === "done" && before.has(id) && before.get(id) !== "done");
  for (const { stored_as, model } of came) notify(`${stored_as ?? model} is here and can be used.`);
  if (came.length > 0) changed();
}

export function changed(): void {
  storeChanges.value += 1;
  void refreshLibrary();
}

export async function startDownload(model: string): Promise<void> {
  await ask<DownloadProgress>("/api/v1/downloads", { body: { model } });
  await refreshDownloads();
}

/** Stops it; what came is kept for the next one of the same model. */
export async function pauseDownload({ id }: DownloadProgress): Promise<void> {
  await ask(`/api/v1/downloads/${encodeURIComponent(id)}/cancel`, { method: "POST" });
  await refreshDownloads();
}

export async function cancelDownload(download: DownloadProgress): Promise<void> {
  await pauseDownload(download);
  dismissDownload(download);
  notify(`The download of ${download.model} is cancelled.`, {
    hint: "What came is kept in case you start it again; Models › Disk deletes it.",
  });
}

export function dismissDownload({ id }: DownloadProgress): void {
  dismissed.value = new Set([...dismissed.value, id]);
}

const active = computed(() => all.value.some(isActive));

effect(() => {
  if (!connected.value || !active.value) return;
  const timer = setInterval(() => {
    refreshDownloads().catch((error) => isGone(error) || complain(error));
  }, 1000);
  return () => clearInterval(timer);
});
