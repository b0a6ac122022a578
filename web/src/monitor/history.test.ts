import { describe, expect, it } from "vitest";
import type { Status } from "../api/shapes";
import { series, withSample, type Sample } from "./history";

const sample = (time: number, running = 0) => ({ time, status: { running } as Status });

describe("withSample", () => {
  it("keeps two minutes", () => {
    let samples: Sample[] = [];
    for (let time = 0; time < 300; time += 1) samples = withSample(samples, sample(time));
    expect(samples).toHaveLength(121);
    expect(samples[0]!.time).toBe(179);
  });
  it("forgets what a clock that was set back makes the future", () => {
    expect(withSample([sample(500)], sample(10)).map(({ time }) => time)).toEqual([10]);
  });
});

describe("series", () => {
  it("has a gap where the server was silent", () => {
    const points = series([sample(1, 1), sample(2, 2), sample(30, 3)], ({ running }) => running);
    expect(points.map(({ value }) => value)).toEqual([1, 2, null, 3]);
  });
  it("keeps what is not known as a gap", () => {
    expect(series([sample(1)], () => null)).toEqual([{ time: 1, value: null }]);
  });
});
