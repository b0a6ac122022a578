import { describe, expect, it } from "vitest";
import { compare, type Piece } from "./difference";

const text = (pieces: Piece[]) => pieces.map((piece) => piece.text).join("");
const own = (pieces: Piece[]) => pieces.filter((piece) => piece.own).map((piece) => piece.text);

describe("compare", () => {
  it("finds none between equal answers", () => {
    const same = compare("Paris.", "Paris.");
    expect(same.first).toBeUndefined();
    expect(own([...same.left, ...same.right])).toEqual([]);
  });

  it("marks the words that only one has, and keeps both texts whole", () => {
    const found = compare("The capital is Paris, of course.", "The capital is Lyon, of course.");
    expect(own(found.left)).toEqual(["Paris"]);
    expect(own(found.right)).toEqual(["Lyon"]);
    expect(found.first).toBe("The capital is ".length);
    expect(text(found.left)).toBe("The capital is Paris, of course.");
    expect(text(found.right)).toBe("The capital is Lyon, of course.");
  });

  it("marks words in a row as one", () => {
    const found = compare("I like red apples.", "I eat green apples.");
    expect(own(found.left)).toEqual(["like red"]);
    expect(own(found.right)).toEqual(["eat green"]);
  });

  it("marks what one answer says more", () => {
    const found = compare("Yes.", "Yes. It is.");
    expect(own(found.left)).toEqual([]);
    expect(own(found.right).join("")).toContain("It is.");
    expect(found.first).toBe(4);
  });

  it("differs at the start where one is empty", () => {
    expect(compare("", "a").first).toBe(0);
    expect(compare("a", "").left).toEqual([{ text: "a", own: true }]);
  });

  it("splits no letters of other scripts", () => {
    const found = compare("größer", "größen");
    expect(own(found.left)).toEqual(["größer"]);
  });

  it("takes answers that are too long for the table from the first difference on", () => {
    const long = "word ".repeat(3000);
    const found = compare(`same a ${long}`, `same b ${long}`);
    expect(found.first).toBe(5);
    expect(text(found.left)).toBe(`same a ${long}`);
    expect(found.left.at(-1)!.own).toBe(true);
  });
});
