import { describe, expect, it } from "vitest";
import { Tree } from "./tree";

function tree(...nodes: [number, number | null][]): Tree {
  const made = new Tree();
  for (const [id, parent] of nodes) made.add({ id, parent });
  return made;
}

describe("Tree", () => {
  const two = tree([1, null], [2, 1], [3, 2], [4, 3], [5, 1], [6, null]);

  it("follows a branch from its head to the first message", () => {
    expect(two.branch(4)).toEqual([1, 2, 3, 4]);
    expect(two.branch(5)).toEqual([1, 5]);
    expect(two.branch(3)).toEqual([1, 2, 3]);
  });

  it("shows nothing for no head and for one that is not here", () => {
    expect(two.branch(null)).toEqual([]);
    expect(two.branch(99)).toEqual([]);
  });

  it("knows the branches beside a message, also of first ones", () => {
    expect(two.siblings(2)).toEqual([2, 5]);
    expect(two.siblings(1)).toEqual([1, 6]);
    expect(two.siblings(99)).toEqual([]);
  });

  it("finds the end of the newest branch below", () => {
    expect(two.leaf(1)).toBe(5);
    expect(two.leaf(2)).toBe(4);
    expect(two.leaf(6)).toBe(6);
  });

  it("keeps a message that comes again in its place", () => {
    const again = tree([1, null], [2, 1], [2, 1]);
    expect(again.siblings(2)).toEqual([2]);
  });

  it("does not hang on a ring", () => {
    expect(tree([1, 2], [2, 1]).branch(2)).toEqual([]);
  });
});
