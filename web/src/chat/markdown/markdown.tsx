// A text in Markdown. Until the code for it is here, the text as it is.
import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Block } from "./render";
import "./markdown.css";

interface Tools {
  blocks(text: string): Block[];
  typeset(element: HTMLElement, final: boolean): void;
}

const tools = signal<Tools | undefined>(undefined);
let asked: Promise<void> | undefined;

async function load(): Promise<void> {
  const [{ blocks }, { typeset }] = await Promise.all([import("./render"), import("./typeset")]);
  tools.value = { blocks, typeset };
}

export function Markdown({ text, growing = false }: { text: string; growing?: boolean }) {
  const ready = tools.value;
  if (!ready) {
    asked ??= load().catch(() => {
      asked = undefined; // asked for again with the next text
    });
    return <div class="prose plain">{text}</div>;
  }
  const all = ready.blocks(text);
  return (
    <div class="prose">
      {all.map((block, at) => (
        <BlockView key={at} block={block} final={!growing || at < all.length - 1} typeset={ready.typeset} />
      ))}
    </div>
  );
}

interface BlockProps {
  block: Block;
  final: boolean;
  typeset: Tools["typeset"];
}

function BlockView({ block, final, typeset }: BlockProps) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    ref.current!.replaceChildren(block.elements());
    typeset(ref.current!, final);
  }, [block.key, final]);
  return <div ref={ref} class="block" />;
}
