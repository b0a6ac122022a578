import { send } from "../api/client";

/** Saves a run as a file of the browser's download folder. */
export async function exportRun(id: string, format: "json" | "csv"): Promise<void> {
  const reply = await send(`/api/v1/benchmarks/${encodeURIComponent(id)}/export`, { query: { format } });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await reply.blob());
  link.download = `tenfold-benchmark-${id}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
