import { describe, expect, it } from "vitest";
import { highest, linePath, lowest, roundUp } from "./scale";

describe("roundUp", () => {
  it("ends on a round number that holds the value", () => {
    expect([0.3, 1, 12, 21, 49, 51, 100, 2600].map(roundUp)).toEqual([0.5, 1, 20, 25, 50, 100, 100, 5000]);
  });
  it("has an axis for nothing", () => {
    expect(roundUp(0)).toBe(1);
    expect(roundUp(Number.NaN)).toBe(1);
  });
});

describe("linePath", () => {
  it("puts now at the right and the top at the top", () => {
    expect(linePath([{ time: 0, value: 0 }, { time: 10, value: 5 }], 10, 10, 5)).toBe("M0.00 100.00L100.00 0.00");
  });
  it("leaves a gap where nothing is known", () => {
    const path = linePath([{ time: 1, value: 1 }, { time: 2, value: null }, { time: 3, value: 1 }], 4, 4, 2);
    expect(path.match(/M/g)).toHaveLength(2);
    expect(path).not.toContain("L");
  });
  it("leaves out what is older than the field and holds values inside it", () => {
    expect(linePath([{ time: 0, value: 1 }, { time: 9, value: 99 }], 10, 5, 2)).toBe("M80.00 0.00");
  });
});

it("knows the ends of a series with gaps", () => {
  const points = [{ time: 1, value: 3 }, { time: 2, value: null }, { time: 3, value: 1 }];
  expect([highest(points), lowest(points), highest([]), lowest([])]).toEqual([3, 1, 0, 0]);
});
