import { ask } from "../api/client";
import type { StoredModel } from "../api/shapes";
import { confirm } from "../ui/ask";
import { complain, notify } from "../ui/toast";
import { changed } from "./downloads";
import { removal } from "./words";

/** Asks first; true if the model is gone. */
export async function removeModel(model: StoredModel, loaded: boolean): Promise<boolean> {
  const sure = await confirm({
    title: `Remove ${model.name}?`,
    text: removal(model, loaded),
    action: model.owned ? "Delete" : "Forget it",
    danger: true,
  });
  if (!sure) return false;
  try {
    await ask(`/api/v1/models/${encodeURIComponent(model.name)}`, { method: "DELETE" });
  } catch (error) {
    complain(error);
    return false;
  }
  notify(`${model.name} is removed.`);
  changed();
  return true;
}
