// One value over the last while, as a line. What it shows is also said in words.
import { highest, linePath, lowest, roundUp, type Point } from "./scale";
import "./line_chart.css";

export interface LineChartProps {
  title: string;
  points: Point[];
  span: number; // seconds
  now: number;
  format(value: number): string;
  /** The top of the field; the highest value, rounded up, if absent. */
  top?: number;
}

export function LineChart({ title, points, span, now, format, top }: LineChartProps) {
  const most = highest(points);
  const ceiling = top ?? roundUp(most);
  const path = linePath(points, now, span, ceiling);
  const last = points.at(-1)?.value;
  const words =
    last === null || last === undefined
      ? `${title}: nothing is known yet`
      : `${title}: now ${format(last)}; between ${format(lowest(points))} and ${format(most)} in the last ${Math.round(span / 60)} minutes`;
  return (
    <div class="line-chart">
      <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={words}>
        <path class="grid" d="M0 0H100M0 50H100" />
        <path class="base" d="M0 100H100" />
        <path class="line" d={path} />
      </svg>
      <span class="top" aria-hidden="true">
        {format(ceiling)}
      </span>
    </div>
  );
}
