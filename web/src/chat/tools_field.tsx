import { useState } from "preact/hooks";
import type { Generation } from "../api/shapes";
import { TextField } from "../ui/field";

type Tools = NonNullable<Generation["tools"]>;

const example =
  '[{"name": "temperature", "description": "In a city", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}]';

interface ToolsFieldProps {
  value: Tools;
  onInput(tools: Tools | undefined): void;
  /** Whether what is written is no list of tools: it would be lost. */
  onFault(wrong: boolean): void;
}

/** Tools as JSON, the form in which every description of tools comes. */
export function ToolsField({ value, onInput, onFault }: ToolsFieldProps) {
  const [text, setText] = useState(value.length > 0 ? written(value) : "");
  const [error, setError] = useState("");
  const take = (next: string) => {
    setText(next);
    const read = readTools(next);
    setError("refused" in read ? read.refused : "");
    onFault("refused" in read);
    if ("tools" in read) onInput(read.tools.length > 0 ? read.tools : undefined);
  };
  return <TextField label="Tools the model may call, as JSON" rows={4} value={text} onInput={take} error={error} placeholder={example} />;
}

export function readTools(text: string): { tools: Tools } | { refused: string } {
  if (text.trim() === "") return { tools: [] };
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return { refused: "This is not JSON yet." };
  }
  if (!Array.isArray(list)) return { refused: 'Tools are a list: [{"name": …}]' };
  const tools: Tools = [];
  for (const one of list as Record<string, unknown>[]) {
    if (typeof one?.name !== "string") return { refused: "Each tool needs a name." };
    const { name, description, parameters } = one;
    tools.push({
      name,
      ...(typeof description === "string" ? { description } : {}),
      ...(parameters === undefined ? {} : { parameters: typeof parameters === "string" ? parameters : JSON.stringify(parameters) }),
    });
  }
  return { tools };
}

function written(tools: Tools): string {
  return JSON.stringify(
    tools.map((tool) => (tool.parameters ? { ...tool, parameters: JSON.parse(tool.parameters) as unknown } : tool)),
    null,
    1,
  );
}
