// Asks for the key of a server that has keys; this browser keeps it.
import { useState } from "preact/hooks";
import { apiKey, keyWanted, setApiKey } from "./api/client";
import { Button } from "./ui/button";
import { Dialog } from "./ui/dialog";
import { TextField } from "./ui/field";

export function KeyDialog() {
  const [key, setKey] = useState("");
  const wrong = apiKey() !== "";
  const save = (event: Event) => {
    event.preventDefault();
    if (key.trim() === "") return;
    setApiKey(key.trim());
    location.reload();
  };
  return (
    <Dialog title="This server asks for an API key" size="small" onClose={() => (keyWanted.value = false)}>
      <form class="stack" onSubmit={save}>
        <TextField
          label="API key"
          value={key}
          onInput={setKey}
          secret
          autofocus
          error={wrong ? "The key this browser has is not one of this server's. Ask the one who runs it." : ""}
          hint="The one who runs the server has it. This browser keeps it for the next visit."
        />
        <Button kind="primary" type="submit">
          Go on
        </Button>
      </form>
    </Dialog>
  );
}
