// Who may ask, and the key that this browser sends.
import { useState } from "preact/hooks";
import { apiKey, setApiKey } from "../api/client";
import type { Settings } from "../api/shapes";
import { Button } from "../ui/button";
import { Facts } from "../ui/facts";
import { TextField } from "../ui/field";
import { Section } from "../ui/section";
import { Table } from "../ui/table";
import { notify } from "../ui/toast";

export function KeysPart({ server }: { server: Settings["server"] }) {
  return (
    <>
      <Section title="Now" about="What the server was started with.">
        <div class="card">
          <Facts
            facts={[
              ["Listens on", server.addresses.join(", ")],
              ["Answers to the names", server.allowed_hosts.join(", ") || "this machine's own only"],
              ["Lets in pages of", server.allowed_origins.join(", ") || "its own only"],
            ]}
          />
        </div>
      </Section>
      <Section title="Keys" about="Keys are given when Tenfold starts, by --api-key or --api-key-file, and never changed from a page.">
        {server.keys.length === 0 ? (
          <p class="card">There are none: whoever reaches the server may use it. It asks for keys before it listens beyond this machine.</p>
        ) : (
          <Table label="Keys">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">May</th>
              </tr>
            </thead>
            <tbody>
              {server.keys.map(({ name, rights }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{rights.map((right) => rightWords[right]).join(", ")}</td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Section>
      <BrowserKey />
    </>
  );
}

const rightWords: Record<Settings["server"]["keys"][number]["rights"][number], string> = {
  answer: "get answers",
  observe: "see the monitor",
  manage: "manage models and settings",
};

function BrowserKey() {
  const [key, setKey] = useState(apiKey());
  const store = (event: Event) => {
    event.preventDefault();
    setApiKey(key.trim());
    notify(key.trim() === "" ? "This browser sends no key any more." : "This browser sends the key from now on.");
  };
  return (
    <Section title="This browser's key">
      <form class="card stack" onSubmit={store}>
        <TextField label="API key" value={key} onInput={setKey} secret hint="Sent with each request, if the server asks for keys. Empty it to forget it." />
        <div class="row">
          <Button type="submit">Keep it</Button>
        </div>
      </form>
    </Section>
  );
}
