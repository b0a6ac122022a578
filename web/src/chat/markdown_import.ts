// A conversation from the Markdown that it was exported as. Unlike JSON it has one branch only.
interface ImportedMessage {
  id: number;
  parent: number | null;
  role: "user" | "assistant";
  content: string;
  model?: string;
  state: "complete" | "cancelled" | "failed";
}

export interface ImportedConversation {
  tenfold_conversation: 1;
  title: string;
  system?: string;
  head: number;
  messages: ImportedMessage[];
}

interface Section {
  name: string;
  lines: string[];
}

/** undefined: this Markdown is no conversation. */
export function readMarkdown(text: string): ImportedConversation | undefined {
  const { title, sections } = split(text);
  const read: ImportedConversation = { tenfold_conversation: 1, title, head: 0, messages: [] };
  for (const { name, lines } of sections) {
    const body = lines.join("\n").trim();
    if (name === "System") read.system = body;
    else read.messages.push(message(read.messages.length + 1, name, body));
  }
  read.head = read.messages.length;
  return read.head > 0 ? read : undefined;
}

function message(id: number, name: string, body: string): ImportedMessage {
  const ending = /\n?\*\((stopped|failed)\)\*$/.exec(body);
  return {
    id,
    parent: id > 1 ? id - 1 : null,
    role: name === "You" ? "user" : "assistant",
    content: ending ? body.slice(0, ending.index).trimEnd() : body,
    ...(name === "You" || name === "Answer" ? {} : { model: name }),
    state: ending ? (ending[1] === "stopped" ? "cancelled" : "failed") : "complete",
  };
}

/** A heading begins a section only where one can stand: an answer after a question, a question after an answer. */
function split(text: string): { title: string; sections: Section[] } {
  let title = "";
  const sections: Section[] = [];
  let fence = "";
  for (const line of text.replace(/\r\n/g, "\n").split("\n")) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? "";
    if (fence === "" && mark !== "") fence = mark;
    else if (mark.startsWith(fence)) fence = "";
    const name = fence === "" ? /^## (\S+)$/.exec(line)?.[1] : undefined;
    const last = sections.at(-1);
    if (!last && /^# /.test(line)) title = line.slice(2).trim();
    else if (name && begins(name, last?.name)) sections.push({ name, lines: [] });
    else last?.lines.push(line);
  }
  return { title, sections };
}

function begins(name: string, last: string | undefined): boolean {
  if (name === "System") return last === undefined;
  if (name === "You") return last !== "You";
  return last === "You";
}
