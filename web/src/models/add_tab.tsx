// Models whose files are on the machine of the server already.
import { AdoptPart } from "./adopt_part";
import { ImportPart } from "./import_part";

export function AddTab() {
  return (
    <div>
      <ImportPart />
      <AdoptPart />
    </div>
  );
}
