// A conversation's messages are a tree; what is shown is the branch that ends at its head.
export interface Node {
  id: number;
  parent: number | null;
}

export class Tree {
  private readonly parents = new Map<number, number | null>();
  private readonly children = new Map<number | null, number[]>();

  add({ id, parent }: Node): void {
    if (this.parents.has(id)) return;
    this.parents.set(id, parent);
    const siblings = this.children.get(parent);
    if (siblings) siblings.push(id);
    else this.children.set(parent, [id]);
  }

  has(id: number): boolean {
    return this.parents.has(id);
  }

  /** From the first message to `head`; empty for null or a message that is not here. */
  branch(head: number | null): number[] {
    const ids: number[] = [];
    for (let id = head; id !== null && this.parents.has(id); id = this.parents.get(id)!) {
      ids.push(id);
      if (ids.length > this.parents.size) return []; // a ring: no tree at all
    }
    return ids.reverse();
  }

  /** The message's branches: those with the same parent, the oldest first. */
  siblings(id: number): readonly number[] {
    const parent = this.parents.get(id);
    return parent === undefined ? [] : (this.children.get(parent) ?? []);
  }

  childrenOf(id: number | null): readonly number[] {
    return this.children.get(id) ?? [];
  }

  /** The newest message of the newest branch below `id`, which may be itself. */
  leaf(id: number): number {
    let at = id;
    for (let below = this.childrenOf(at); below.length > 0; below = this.childrenOf(at)) at = below.at(-1)!;
    return at;
  }
}
