import { describe, expect, it } from "vitest";
import { readMarkdown } from "./markdown_import";

describe("readMarkdown", () => {
  const text = [
    "# Colors\n\n## System\n\nBe brief.\n\n## You\n\nName one.\n\n## smollm2\n\nRed.\n\n## Why\n\nBecause.\n",
    "## You\n\nIn C?\n\n## Answer\n\n```md\n## You\n```\n\n*(stopped)*\n",
  ].join("\n");

  it("reads what was exported", () => {
    const read = readMarkdown(text)!;
    expect(read.title).toBe("Colors");
    expect(read.system).toBe("Be brief.");
    expect(read.head).toBe(4);
    expect(read.messages.map(({ role, model, state }) => [role, model, state])).toEqual([
      ["user", undefined, "complete"],
      ["assistant", "smollm2", "complete"],
      ["user", undefined, "complete"],
      ["assistant", undefined, "cancelled"],
    ]);
    expect(read.messages.map(({ parent }) => parent)).toEqual([null, 1, 2, 3]);
  });

  it("keeps headings and code of an answer in the answer", () => {
    const read = readMarkdown(text)!;
    expect(read.messages[1]!.content).toBe("Red.\n\n## Why\n\nBecause.");
    expect(read.messages[3]!.content).toBe("```md\n## You\n```");
  });

  it("refuses Markdown that is no conversation", () => {
    expect(readMarkdown("# Notes\n\nSome text.\n")).toBeUndefined();
    expect(readMarkdown("")).toBeUndefined();
  });
});
