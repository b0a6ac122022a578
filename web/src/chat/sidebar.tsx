// The list of conversations: search, groups by day, and a menu for each.
import { useEffect, useRef, useState } from "preact/hooks";
import type { ConversationSummary } from "../api/shapes";
import { day } from "../format";
import { address, go } from "../router";
import { askText } from "../ui/ask";
import { Button, IconButton } from "../ui/button";
import { SearchField } from "../ui/field";
import { Icon } from "../ui/icons";
import { Menu } from "../ui/menu";
import { ErrorNote } from "../ui/notes";
import {
  exportAs,
  importFile,
  listed,
  listError,
  more,
  pin,
  refreshList,
  remove,
  rename,
  showMore,
  wanted,
  watchList,
} from "./conversations";
import { current } from "./current";
import { openWindow } from "./windows";
import "./sidebar.css";

export function Sidebar({ onPick }: { onPick(): void }) {
  const [text, setText] = useState(wanted.peek());
  const file = useRef<HTMLInputElement>(null);
  useEffect(watchList, []);
  useEffect(() => {
    const timer = setTimeout(() => (wanted.value = text), 200);
    return () => clearTimeout(timer);
  }, [text]);
  const fresh = () => {
    go("chat");
    onPick();
  };
  return (
    <div class="sidebar">
      <div class="sidebar-head">
        <Button kind="primary" icon="plus" class="grow" onClick={fresh}>
          New chat
        </Button>
        <IconButton icon="upload" label="Import a conversation" onClick={() => file.current?.click()} />
        <input
          ref={file}
          type="file"
          accept=".json,.md,.markdown"
          hidden
          onChange={(event) => {
            const [chosen] = event.currentTarget.files ?? [];
            if (chosen) void importFile(chosen).then(onPick);
            event.currentTarget.value = "";
          }}
        />
      </div>
      <SearchField label="Search conversations" value={text} onInput={setText} />
      <nav class="sidebar-list" aria-label="Conversations">
        <List onPick={onPick} />
      </nav>
      <Button kind="quiet" icon="trash" class="sidebar-deleted" onClick={() => openWindow({ kind: "deleted" })}>
        Deleted conversations
      </Button>
    </div>
  );
}

function List({ onPick }: { onPick(): void }) {
  const all = listed.value;
  if (listError.value && !all) return <ErrorNote error={listError.value} onRetry={() => void refreshList()} />;
  if (!all) return null;
  if (all.length === 0) {
    return <p class="sidebar-empty">{wanted.value.trim() ? "Nothing was found. Try fewer words." : "Your conversations will be here."}</p>;
  }
  return (
    <>
      {groups(all).map(([title, rows]) => (
        <section key={title}>
          <h2 class="sidebar-group">{title}</h2>
          <ul>
            {rows.map((row) => (
              <Row key={row.id} row={row} onPick={onPick} />
            ))}
          </ul>
        </section>
      ))}
      {more.value && (
        <Button kind="quiet" onClick={showMore}>
          Show older ones
        </Button>
      )}
    </>
  );
}

function groups(rows: ConversationSummary[]): [string, ConversationSummary[]][] {
  const made = new Map<string, ConversationSummary[]>();
  for (const row of rows) {
    const title = row.pinned ? "Pinned" : day(row.updated);
    made.set(title, [...(made.get(title) ?? []), row]);
  }
  return [...made];
}

function Row({ row, onPick }: { row: ConversationSummary; onPick(): void }) {
  const { id, pinned } = row;
  const title = row.title || "New chat";
  const newName = async () => {
    const name = await askText({ title: "Rename the conversation", action: "Rename", field: { label: "Name", value: title } });
    if (name?.trim()) await rename(id, name.trim());
  };
  return (
    <li class="sidebar-row">
      <a href={address("chat", id)} aria-current={current.value?.id === id ? "page" : undefined} onClick={onPick}>
        <span class="row-title">
          {row.running && <span class="running-dot" role="img" aria-label="An answer is on its way" />}
          <span class="ellipsis">{title}</span>
          {pinned && <Icon name="pin" size={14} />}
        </span>
        {row.snippet && <span class="row-snippet">{row.snippet}</span>}
      </a>
      <Menu
        label={`More for “${title}”`}
        items={[
          { label: "Rename…", icon: "pencil", onSelect: () => void newName() },
          { label: pinned ? "Unpin" : "Pin", icon: "pin", onSelect: () => void pin(id, !pinned) },
          { label: "Export as Markdown", icon: "download", onSelect: () => void exportAs(id, title, "markdown") },
          { label: "Export as JSON", icon: "download", onSelect: () => void exportAs(id, title, "json") },
          { label: "Delete", icon: "trash", danger: true, onSelect: () => void remove(id, title) },
        ]}
      />
    </li>
  );
}
