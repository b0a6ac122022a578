import { useState } from "preact/hooks";
import { Button } from "../ui/button";
import { ErrorNote } from "../ui/notes";
import { notify } from "../ui/toast";
import { changes, discard, draft, problem, save, settings } from "./draft";
import { title } from "./titles";

/** Appears when something was changed; stays until it is saved or discarded. */
export function SaveBar() {
  const [busy, setBusy] = useState(false);
  const keys = Object.keys(draft.value);
  if (keys.length === 0) return null;
  const wrong = Object.keys(changes.value.errors);
  const rows = settings.value!.settings;
  const later = rows.filter(({ key, restart }) => restart && keys.includes(key)).map(title);
  const go = async () => {
    setBusy(true);
    const done = await save();
    setBusy(false);
    if (done) notify("Saved.", later.length > 0 ? { hint: `${later.join(", ")}: acts when Tenfold is started again.` } : {});
  };
  return (
    <div class="save-bar" role="region" aria-label="Unsaved changes">
      {problem.value !== undefined && <ErrorNote error={problem.value} />}
      <div class="row">
        <p class="grow small" role="status">
          {keys.length === 1 ? "1 change is not saved." : `${keys.length} changes are not saved.`}{" "}
          {wrong.length > 0 && <span class="wrong">To be put right: {rows.filter(({ key }) => wrong.includes(key)).map(title).join(", ")}.</span>}
        </p>
        <Button kind="quiet" onClick={discard}>
          Discard
        </Button>
        <Button kind="primary" busy={busy} disabled={wrong.length > 0} onClick={() => void go()}>
          Save
        </Button>
      </div>
    </div>
  );
}
