import { sentence } from "../api/client";
import type { ServerEvent } from "../api/shapes";
import { Badge } from "../ui/badge";
import { ago, meanings } from "./explain";

/** Its sentence; a name at the beginning stays as it is written. */
function sentenceAbout({ model, text }: ServerEvent): string {
  return model !== "" && text.startsWith(model) ? model + sentence(` ${text.slice(model.length)}`).slice(1) : sentence(text);
}

/** What the server did of its own accord or was told to, the latest first, each with what it means. */
export function EventList({ events }: { events: ServerEvent[] }) {
  if (events.length === 0) return <p class="card muted">Nothing yet: models that are loaded, unloaded, or give way to others are listed here.</p>;
  const now = Date.now() / 1000;
  return (
    <ul class="card event-list">
      {events.map((event) => (
        <li key={event.id}>
          <Badge kind={meanings[event.kind].kind}>{meanings[event.kind].title}</Badge>
          <div class="grow">
            <p>{sentenceAbout(event)}</p>
            {meanings[event.kind].why && <p class="muted small">{meanings[event.kind].why}</p>}
          </div>
          <time class="muted small" dateTime={new Date(event.time * 1000).toISOString()}>
            {ago(event.time, now)}
          </time>
        </li>
      ))}
    </ul>
  );
}
