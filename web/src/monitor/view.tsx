// What the server does now, and what it needs.
import { status } from "../api/live";
import { EmptyNote } from "../ui/notes";
import { Section } from "../ui/section";
import { ViewHead } from "../ui/view";
import { Counters } from "./counters";
import { EventList } from "./event_list";
import { Tiles } from "./tiles";
import { Workers } from "./workers";
import "./monitor.css";

export function MonitorView(_: { path: string[] }) {
  const now = status.value;
  return (
    <div class="view">
      <div class="inner">
        <ViewHead title="Monitor" about="What runs now, and what it needs." />
        {now ? (
          <div>
            <Tiles now={now} />
            <Section title="Models in memory" about="Each runs in a process of its own.">
              <Workers now={now} />
            </Section>
            <Section title="What happened">
              <EventList events={now.events} />
            </Section>
            <Counters now={now} />
          </div>
        ) : (
          <EmptyNote icon="pulse" title="Waiting for the server">
            <p>The first figures come within a second or two.</p>
          </EmptyNote>
        )}
      </div>
    </div>
  );
}
