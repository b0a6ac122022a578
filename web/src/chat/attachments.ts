// Text files that go before a message. What is no text is refused with the reason.
import type { Attachment } from "../api/shapes";
import { bytes } from "../format";

const largest = 4_000_000; // bytes; contexts end long before

export type Read = { attachment: Attachment } | { refused: string };

export async function readFile(file: File): Promise<Read> {
  if (file.size > largest) {
    return { refused: `${file.name} has ${bytes(file.size)}. Attach the part that matters: ${bytes(largest)} at most.` };
  }
  const data = new Uint8Array(await file.arrayBuffer());
  return decode(file.name, data);
}

export function decode(name: string, data: Uint8Array): Read {
  if (data.includes(0)) return { refused: `${name} is not a text file. Save it as text and attach that.` };
  try {
    return { attachment: { name, text: new TextDecoder("utf-8", { fatal: true }).decode(data) } };
  } catch {
    return { refused: `${name} is not UTF-8 text. Save it as UTF-8 and attach that.` };
  }
}
