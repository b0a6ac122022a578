// Tabs as the ARIA practices describe them: arrows move between them, one of them takes part in the Tab order.
import type { ComponentChildren } from "preact";
import { useEffect, useId } from "preact/hooks";
import "./tabs.css";

export interface Tab {
  id: string;
  label: string;
}

export interface TabsProps {
  label: string;
  tabs: Tab[];
  current: string;
  onSelect(id: string): void;
  /** The panel of the current tab. */
  children: ComponentChildren;
}

export function Tabs({ label, tabs, current, onSelect, children }: TabsProps) {
  const base = useId();
  // Where not all fit, the chosen one is in sight.
  useEffect(() => document.getElementById(`${base}-${current}`)?.scrollIntoView({ block: "nearest", inline: "nearest" }), [current]);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = tabs.findIndex((tab) => tab.id === current);
    const next = tabs.at((at + step) % tabs.length)!;
    onSelect(next.id);
    document.getElementById(`${base}-${next.id}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            id={`${base}-${tab.id}`}
            type="button"
            role="tab"
            aria-selected={tab.id === current}
            aria-controls={`${base}-panel`}
            tabIndex={tab.id === current ? 0 : -1}
            onClick={() => onSelect(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div id={`${base}-panel`} class="tab-panel" role="tabpanel" aria-labelledby={`${base}-${current}`}>
        {children}
      </div>
    </>
  );
}
