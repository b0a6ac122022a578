// From values to places in a drawing.

/** The next of 1, 2, 2.5, 5 and their tenfolds, so that an axis ends on a round number. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((one) => one * power >= value * 0.9999) ?? 10;
  return step * power;
}

export interface Point {
  time: number; // seconds
  value: number | null; // null: not known
}

/** Lines through the points of the last `span` seconds, on a field of 100 × 100; a gap ends a line. */
export function linePath(points: Point[], now: number, span: number, top: number): string {
  let path = "";
  let pen = "M";
  for (const { time, value } of points) {
    const age = now - time;
    if (value === null || age > span || age < 0) {
      pen = "M";
      continue;
    }
    const x = 100 * (1 - age / span);
    const y = 100 * (1 - Math.min(1, Math.max(0, value / top)));
    path += `${pen}${x.toFixed(2)} ${y.toFixed(2)}`;
    pen = "L";
  }
  return path;
}

/** The highest known value; 0 where there is none. */
export function highest(points: Point[]): number {
  return points.reduce((most, { value }) => Math.max(most, value ?? 0), 0);
}

export function lowest(points: Point[]): number {
  const known = points.flatMap(({ value }) => (value === null ? [] : [value]));
  return known.length > 0 ? Math.min(...known) : 0;
}
