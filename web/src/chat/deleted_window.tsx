// The deleted conversations, until the server removes them for good.
import { ask } from "../api/client";
import { status } from "../api/live";
import type { Conversations, ConversationSummary } from "../api/shapes";
import { day } from "../format";
import { confirm } from "../ui/ask";
import { Button, IconButton } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { ErrorNote } from "../ui/notes";
import { useResource } from "../ui/resource";
import { removeForever, restore } from "./conversations";
import { closeWindow } from "./windows";

const most = 1000;

export function DeletedWindow() {
  const query = { deleted: true, limit: most };
  const { data: found, error } = useResource(
    () => ask<Conversations>("/api/v1/conversations", { query }),
    [status.value?.conversations_revision],
  );
  return (
    <Dialog title="Deleted conversations" onClose={closeWindow}>
      <div class="stack">
        <p class="muted small">They are removed for good 30 days after they were deleted.</p>
        {error !== undefined && <ErrorNote error={error} />}
        {found?.conversations.length === 0 && <p>None is deleted.</p>}
        <ul class="deleted">
          {found?.conversations.map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </ul>
        {found?.more && <p class="muted small">The last {most} are shown.</p>}
      </div>
    </Dialog>
  );
}

function Row({ row }: { row: ConversationSummary }) {
  const { id, messages } = row;
  const title = row.title || "New chat";
  const takeBack = () => {
    closeWindow();
    void restore(id);
  };
  const remove = async () => {
    const sure = await confirm({ title: `Remove “${title}” for good?`, text: "This cannot be undone.", action: "Remove", danger: true });
    if (sure) await removeForever(id);
  };
  return (
    <li>
      <span class="grow">
        <span class="ellipsis">{title}</span>
        <span class="muted small">
          {messages === 1 ? "1 message" : `${messages} messages`} · deleted {day(row.deleted ?? 0).toLowerCase()}
        </span>
      </span>
      <Button aria-label={`Restore “${title}”`} onClick={takeBack}>
        Restore
      </Button>
      <IconButton icon="trash" label={`Remove “${title}” for good`} onClick={() => void remove()} />
    </li>
  );
}
