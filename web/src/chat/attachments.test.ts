import { describe, expect, it } from "vitest";
import { decode, readFile } from "./attachments";

describe("attachments", () => {
  it("takes UTF-8 text as it is", () => {
    const text = "größe,α\n1,2\n";
    expect(decode("a.csv", new TextEncoder().encode(text))).toEqual({ attachment: { name: "a.csv", text } });
  });

  it("refuses other bytes and says what to do", () => {
    expect(decode("a.png", new Uint8Array([137, 80, 0, 71]))).toEqual({ refused: expect.stringContaining("not a text file") });
    expect(decode("a.txt", new Uint8Array([0xff, 0xe4]))).toEqual({ refused: expect.stringContaining("UTF-8") });
  });

  it("refuses what is too large before reading it", async () => {
    const file = { name: "big.txt", size: 5_000_000 } as File;
    expect(await readFile(file)).toEqual({ refused: expect.stringContaining("4.0 MB at most") });
  });
});
