import { describe, expect, it } from "vitest";
import { SseParser } from "./sse";

describe("SseParser", () => {
  it("returns complete events only, however the text is cut", () => {
    const text = 'event: delta\ndata: {"a":1}\n\ndata: x\ndata: y\n\n';
    const whole = new SseParser().push(text);
    expect(whole).toEqual([
      { event: "delta", data: '{"a":1}', id: "" },
      { event: "message", data: "x\ny", id: "" },
    ]);
    for (let at = 0; at < text.length; at += 1) {
      const parser = new SseParser();
      expect([...parser.push(text.slice(0, at)), ...parser.push(text.slice(at))]).toEqual(whole);
    }
  });

  it("takes all three line ends, also cut in the middle", () => {
    const parser = new SseParser();
    expect(parser.push("data: 1\r")).toEqual([]);
    expect(parser.push("\n\r\ndata: 2\n\n").map((event) => event.data)).toEqual(["1", "2"]);
  });

  it("skips comments and events without data, and keeps the last id", () => {
    const parser = new SseParser();
    expect(parser.push(": still here\n\nevent: nothing\n\nid: 7\ndata: a\n\ndata: b\n\n")).toEqual([
      { event: "message", data: "a", id: "7" },
      { event: "message", data: "b", id: "7" },
    ]);
  });

  it("removes one space after the colon, and only one", () => {
    expect(new SseParser().push("data:  a\ndata:b\n\n")[0]!.data).toBe(" a\nb");
  });
});
