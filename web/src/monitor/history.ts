// What the server said of itself in the last two minutes, kept in this page.
import { effect, signal } from "@preact/signals";
import { status } from "../api/live";
import type { Status } from "../api/shapes";
import type { Point } from "../ui/charts/scale";

export const span = 120; // seconds

export interface Sample {
  time: number; // seconds since 1970, by this browser's clock
  status: Status;
}

export const history = signal<Sample[]>([]);

export function withSample(samples: Sample[], sample: Sample): Sample[] {
  return [...samples.filter(({ time }) => sample.time - time <= span && time <= sample.time), sample];
}

/** One value of each sample; a gap where the server was silent for a while. */
export function series(samples: Sample[], value: (status: Status) => number | null): Point[] {
  return samples.flatMap((sample, at) => {
    const before = samples[at - 1];
    const point = { time: sample.time, value: value(sample.status) };
    return before && sample.time - before.time > 5 ? [{ time: before.time + 1, value: null }, point] : [point];
  });
}

effect(() => {
  const now = status.value;
  if (now) history.value = withSample(history.peek(), { time: Date.now() / 1000, status: now });
});
