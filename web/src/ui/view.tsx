import type { ComponentChildren } from "preact";

/** The head of a view: what it is, and what can be done there. */
export function ViewHead({ title, about, children }: { title: string; about?: string; children?: ComponentChildren }) {
  return (
    <header class="view-head">
      <div>
        <h1>{title}</h1>
        {about && <p class="muted">{about}</p>}
      </div>
      {children && <div class="row">{children}</div>}
    </header>
  );
}
