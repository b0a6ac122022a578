// Which model answers next, and on which engine. Changing it in the middle keeps the conversation.
import { choices, engineTitle } from "../api/library";
import { status } from "../api/live";
import { bytes } from "../format";
import { go } from "../router";
import { Icon } from "../ui/icons";
import { Menu, type MenuItem } from "../ui/menu";
import { complain } from "../ui/toast";
import { answering } from "./answering";
import { change } from "./current";

export function ModelPicker() {
  const chosen = answering();
  const items: MenuItem[] = choices.value.map(({ model, engine }) => ({
    label: severalEngines(model.name) ? `${model.name} · ${engineTitle(engine)}` : model.name,
    note: severalEngines(model.name) ? bytes(model.bytes) : `${engineTitle(engine)} · ${bytes(model.bytes)}`,
    icon: model.name === chosen.model && engine === chosen.engine ? "check" : "box",
    onSelect: () => void change({ model: model.name, engine }).catch(complain),
  }));
  items.push({ label: "Get more models…", icon: "plus", onSelect: () => go("models") });
  return (
    <Menu label="Choose the model that answers" items={items} class="picker">
      <span class="picker-name ellipsis">{chosen.model || (status.value ? "Choose a model" : "…")}</span>
      {chosen.engine && <span class="engine">{engineTitle(chosen.engine)}</span>}
      <Icon name="down" size={16} />
    </Menu>
  );
}

function severalEngines(name: string): boolean {
  return choices.value.filter((one) => one.model.name === name).length > 1;
}
