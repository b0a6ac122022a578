// Where two answers to one question part, and which words only one of them has.
export interface Piece {
  text: string;
  /** The other answer does not have it here. */
  own: boolean;
}

export interface Difference {
  left: Piece[];
  right: Piece[];
  /** How many characters are the same at the start; undefined: all are. */
  first: number | undefined;
}

const tooMany = 4_000_000; // cells of the table: two answers of 2,000 words

/** Marks by words; what is too long for that is marked from the first difference on. */
export function compare(left: string, right: string): Difference {
  if (left === right) return { left: pieces(left, false), right: pieces(right, false), first: undefined };
  const a = words(left);
  const b = words(right);
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same += 1;
  const head = a.slice(0, same).join("");
  const [ownA, ownB] = only(a.slice(same), b.slice(same));
  return {
    left: joined([...pieces(head, false), ...ownA]),
    right: joined([...pieces(head, false), ...ownB]),
    first: head.length,
  };
}

function words(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{N}\p{M}_]+|./gsu) ?? [];
}

function pieces(text: string, own: boolean): Piece[] {
  return text === "" ? [] : [{ text, own }];
}

/** The longest common subsequence, by the table of Wagner and Fischer. */
function only(a: string[], b: string[]): [Piece[], Piece[]] {
  if (a.length * b.length > tooMany) return [pieces(a.join(""), true), pieces(b.join(""), true)];
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      table[i * width + j] =
        a[i] === b[j] ? table[(i + 1) * width + j + 1]! + 1 : Math.max(table[(i + 1) * width + j]!, table[i * width + j + 1]!);
    }
  }
  const left: Piece[] = [];
  const right: Piece[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      left.push({ text: a[i++]!, own: false });
      right.push({ text: b[j++]!, own: false });
    } else if (j >= b.length || (i < a.length && table[(i + 1) * width + j]! >= table[i * width + j + 1]!)) {
      left.push({ text: a[i++]!, own: true });
    } else {
      right.push({ text: b[j++]!, own: true });
    }
  }
  return [left, right];
}

/** Pieces of one kind become one; so do words that only blanks part, as marks over each would be hard to read. */
function joined(parts: Piece[]): Piece[] {
  const merged: Piece[] = [];
  for (const [at, { text, own: alone }] of parts.entries()) {
    const last = merged.at(-1);
    const own = alone || (/^\s+$/.test(text) && last?.own === true && parts[at + 1]?.own === true);
    if (last && last.own === own) last.text += text;
    else merged.push({ text, own });
  }
  return merged;
}
