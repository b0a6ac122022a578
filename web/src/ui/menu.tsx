// A button that opens a list of things to do. It lies in the top layer, so nothing cuts it off.
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icons";
import "./menu.css";

export interface MenuItem {
  label: string;
  icon?: IconName;
  /** Said at the end, e.g. a size. */
  note?: string;
  danger?: boolean;
  disabled?: boolean;
  onSelect(): void;
}

export interface MenuProps {
  label: string;
  items: MenuItem[];
  /** What the button shows, which is then its name; three dots if absent. */
  children?: ComponentChildren;
  class?: string;
}

export function Menu({ label, items, children, class: name = "icon-button" }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  useLayoutEffect(() => {
    if (!open) return;
    list.current!.showPopover();
    placeNear(list.current!, button.current!);
    options(list.current!)[0]?.focus();
  }, [open]);
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
        aria-label={children ? undefined : label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => (open ? close() : setOpen(true))}
      >
        {children ?? <Icon name="more" />}
      </button>
      {open && (
        <div
          ref={list}
          id={id}
          class="menu"
          role="menu"
          aria-label={label}
          popover="auto"
          onToggle={(event) => (event as ToggleEvent).newState === "closed" && setOpen(false)}
          onKeyDown={(event) => step(event, list.current!, close)}
        >
          {items.map((item) => (
            <MenuButton key={item.label} item={item} close={close} />
          ))}
        </div>
      )}
    </>
  );
}

function MenuButton({ item, close }: { item: MenuItem; close(): void }) {
  const select = () => {
    close();
    item.onSelect();
  };
  return (
    <button type="button" role="menuitem" tabIndex={-1} class={item.danger ? "danger" : ""} disabled={item.disabled} onClick={select}>
      {item.icon && <Icon name={item.icon} size={17} />}
      <span class="grow">{item.label}</span>
      {item.note && <span class="menu-note">{item.note}</span>}
    </button>
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
