import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import "./section.css";
import "./text.css";

/** A part of a view with a heading of its own. */
export function Section({ title, about, actions, children }: { title: string; about?: ComponentChildren; actions?: ComponentChildren; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class="section" aria-labelledby={id}>
      <header class="section-head">
        <div class="grow">
          <h2 id={id}>{title}</h2>
          {about && <p class="muted small">{about}</p>}
        </div>
        {actions && <div class="row">{actions}</div>}
      </header>
      {children}
    </section>
  );
}
