// Values side by side, as bars with their spread. The numbers stand beside the bars, so it reads as a list.
import { roundUp } from "./scale";
import "./bar_chart.css";

export interface Bar {
  label: string;
  value: number;
  spread: number | null; // a standard deviation
  text: string; // the value for people
  best?: boolean;
}

export interface BarGroup {
  label: string; // "" where there is one group only
  bars: Bar[];
}

export function BarChart({ title, about, groups }: { title: string; about: string; groups: BarGroup[] }) {
  return (
    <figure class="bar-chart card">
      <figcaption>
        <h3>{title}</h3>
        <p class="muted small">{about}</p>
      </figcaption>
      {groups.map(({ label, bars }) => (
        <div key={label}>
          {label !== "" && <h4>{label}</h4>}
          <ul>
            {bars.map((bar) => (
              <Line key={bar.label} bar={bar} top={top(bars)} />
            ))}
          </ul>
        </div>
      ))}
    </figure>
  );
}

/** Groups have scales of their own: a short prompt's bars would vanish beside a long one's. */
function top(bars: Bar[]): number {
  return roundUp(Math.max(...bars.map(({ value, spread }) => value + (spread ?? 0))));
}

function Line({ bar, top }: { bar: Bar; top: number }) {
  const { label, value, spread, text, best } = bar;
  const x = (part: number) => 100 * Math.max(0, Math.min(1, part / top));
  return (
    <li>
      <span class="bar-label">{label}</span>
      <span class="number">
        {text}
        {best && <span class="bar-best"> best</span>}
      </span>
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect class="field" width="100" height="10" />
        <rect class={best ? "bar best" : "bar"} width={x(value)} height="10" />
        {spread !== null && spread > 0 && <path class="spread" d={`M${x(value - spread)} 5H${x(value + spread)}`} />}
      </svg>
    </li>
  );
}
