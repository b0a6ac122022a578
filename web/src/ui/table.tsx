import type { ComponentChildren } from "preact";
import "./table.css";

/** A table that scrolls sideways in itself where the page is narrow. */
export function Table({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="table-scroll" role="region" aria-label={label} tabIndex={0}>
      <table class="table">{children}</table>
    </div>
  );
}
