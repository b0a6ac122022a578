// A button that opens a list of things to do. It lies in the top layer, so nothing cuts it off.
import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icons";
import "./menu.css";

export interface MenuItem {
  label: string;
  icon?: IconName;
  danger?: boolean;
  disabled?: boolean;
  onSelect(): void;
}

export interface MenuProps {
  label: string;
  items: MenuItem[];
  /** What the button shows; three dots if absent. */
  children?: ComponentChildren;
  class?: string;
}

export function Menu({ label, items, children, class: name = "icon-button" }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  const show = () => {
    list.current?.showPopover();
    placeNear(list.current!, button.current!);
    options(list.current!)[0]?.focus();
  };
  const close = () => {
    list.current?.hidePopover();
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class={name}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={id}
        onClick={(event) => {
          event.stopPropagation();
          if (open) close();
          else show();
        }}
      >
        {children ?? <Icon name="more" />}
      </button>
      <div
        ref={list}
        id={id}
        class="menu"
        role="menu"
        aria-label={label}
        popover="auto"
        onToggle={(event) => setOpen((event as ToggleEvent).newState === "open")}
        onKeyDown={(event) => step(event, list.current!, close)}
        onClick={(event) => event.stopPropagation()}
      >
        {items.map((item) => (
          <button
            key={item.label}
            type="button"
            role="menuitem"
            tabIndex={-1}
            class={item.danger ? "danger" : ""}
            disabled={item.disabled}
            onClick={() => {
              close();
              item.onSelect();
            }}
          >
            {item.icon && <Icon name={item.icon} size={17} />}
            {item.label}
          </button>
        ))}
      </div>
    </>
  );
}

function options(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>('[role="menuitem"]:not(:disabled)')];
}

function step(event: KeyboardEvent, list: HTMLElement, close: () => void): void {
  const all = options(list);
  const at = all.indexOf(document.activeElement as HTMLElement);
  const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
  if (event.key === "Tab") close();
  const next = to[event.key];
  if (next === undefined) return;
  event.preventDefault();
  all.at(next % all.length)?.focus();
}

function placeNear(list: HTMLElement, button: HTMLElement): void {
  const anchor = button.getBoundingClientRect();
  const size = list.getBoundingClientRect();
  const below = anchor.bottom + 4 + size.height < innerHeight || anchor.top < size.height + 8;
  const left = Math.min(anchor.left, innerWidth - size.width - 8);
  list.style.left = `${Math.max(8, left)}px`;
  list.style.top = `${below ? anchor.bottom + 4 : anchor.top - size.height - 4}px`;
}
