import type { ComponentChildren } from "preact";
import type { Status } from "../api/shapes";
import { bytes, rate } from "../format";
import { LineChart } from "../ui/charts/line_chart";
import { roundUp } from "../ui/charts/scale";
import { battery, temperature } from "./explain";
import { history, series, span } from "./history";

/** The figures of this second, most with their last two minutes. */
export function Tiles({ now }: { now: Status }) {
  const { machine } = now;
  const heat = temperature(machine);
  const power = battery(machine);
  const requests = (of: Status) => of.running + of.waiting;
  return (
    <div class="tiles">
      <Tile title="Writing speed" value={`${rate(now.tokens_per_second)} tok/s`} note="All answers together.">
        <Chart title="Writing speed" value={(of) => of.tokens_per_second} format={(value) => `${rate(value)} tok/s`} />
      </Tile>
      <Tile title="Memory of models" value={bytes(now.memory_used_bytes)} note={`Of the limit of ${bytes(now.memory_limit_bytes)}.`}>
        <Chart title="Memory of models" value={(of) => of.memory_used_bytes} format={bytes} top={now.memory_limit_bytes} />
      </Tile>
      <Tile title="Processor" value={machine.cpu_percent === null ? "Not known yet" : `${Math.round(machine.cpu_percent)}%`} note={`Of all ${machine.cores} cores.`}>
        <Chart title="Processor" value={(of) => of.machine.cpu_percent} format={(value) => `${Math.round(value)}%`} top={100} />
      </Tile>
      <Tile title="Requests" value={`${now.running} running`} note={now.waiting === 0 ? "None waits." : `${now.waiting} ${now.waiting === 1 ? "waits for its" : "wait for their"} turn.`}>
        <Chart title="Requests that run or wait" value={requests} format={(value) => String(Math.round(value))} top={Math.max(2, roundUp(Math.max(0, ...history.value.map((one) => requests(one.status)))))} />
      </Tile>
      <Tile title="Memory of the machine" value={`${bytes(machine.memory_available_bytes)} free`} note={`Of ${bytes(machine.memory_total_bytes)}.`} />
      <Tile title="Temperature" value={heat.text} note={heat.note} />
      <Tile title="Battery" value={power.text} note={power.note} />
    </div>
  );
}

function Tile({ title, value, note, children }: { title: string; value: string; note: string; children?: ComponentChildren }) {
  return (
    <section class={children ? "card tile wide" : "card tile"} aria-label={title}>
      <h2>{title}</h2>
      <p class="tile-value number">{value}</p>
      <p class="muted small">{note}</p>
      {children}
    </section>
  );
}

function Chart({ title, value, format, top }: { title: string; value: (of: Status) => number | null; format: (value: number) => string; top?: number }) {
  const samples = history.value;
  return <LineChart title={title} points={series(samples, value)} span={span} now={samples.at(-1)?.time ?? 0} format={format} {...(top === undefined ? {} : { top })} />;
}
