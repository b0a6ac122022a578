// Tools that the model wants to have called. This page runs none: the user says what the tool answers.
import { useState } from "preact/hooks";
import type { Message, ToolCall } from "../api/shapes";
import { Button } from "../ui/button";
import { TextField } from "../ui/field";
import { Icon } from "../ui/icons";
import { complain } from "../ui/toast";
import { askNow } from "./asking";
import type { OpenChat } from "./open_chat";

export function ToolCalls({ chat, message, last }: { chat: OpenChat; message: Message; last: boolean }) {
  const calls = message.tool_calls;
  if (calls.length === 0) return null;
  const open = last && message.state === "complete" && chat.childrenOf(message.id).length === 0;
  return (
    <div class="tool-calls">
      {calls.map((call) => (
        <details key={call.id} class="fold" open>
          <summary>
            <Icon name="tool" size={16} />
            <span>
              Calls <code>{call.name}</code>
            </span>
          </summary>
          <pre class="tool-arguments" tabIndex={0}>
            {pretty(call.arguments)}
          </pre>
        </details>
      ))}
      {open && <Results calls={calls} parent={message.id} />}
    </div>
  );
}

function Results({ calls, parent }: { calls: ToolCall[]; parent: number }) {
  const [results, setResults] = useState(calls.map(() => ""));
  const [busy, setBusy] = useState(false);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const tool_results = calls.map((call, at) => ({ tool_call_id: call.id, content: results[at]! }));
    await askNow({ parent, tool_results }).catch(complain);
    setBusy(false);
  };
  return (
    <form class="stack" onSubmit={(event) => void send(event)}>
      {calls.map((call, at) => (
        <TextField
          key={call.id}
          label={`What ${call.name} says`}
          value={results[at]!}
          rows={2}
          onInput={(value) => setResults(results.map((old, one) => (one === at ? value : old)))}
        />
      ))}
      <div>
        <Button type="submit" busy={busy}>
          Give it to the model
        </Button>
      </div>
    </form>
  );
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
