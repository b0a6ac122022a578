import type { Message } from "../api/shapes";
import { duration, integer, rate } from "../format";
import type { Live } from "./open_chat";

/** How fast an answer comes, or came. */
export function Measured({ message, live }: { message: Message; live: Live | undefined }) {
  const facts = message.usage ? measured(message.usage) : live ? soFar(live) : [];
  if (facts.length === 0) return null;
  return (
    <p class="measured number" title={message.engine_version ? `${message.engine} ${message.engine_version}` : undefined}>
      {facts.map((fact) => (
        <span key={fact.what} title={fact.what}>
          {fact.text}
        </span>
      ))}
    </p>
  );
}

interface Fact {
  what: string;
  text: string;
}

function measured(usage: NonNullable<Message["usage"]>): Fact[] {
  const facts: Fact[] = [];
  if (usage.decode_tokens_per_second > 0) {
    facts.push({ what: "Tokens a second while writing", text: `${rate(usage.decode_tokens_per_second)} tok/s` });
  }
  facts.push({ what: "Time to the first token", text: `first after ${duration(usage.ttft_seconds)}` });
  facts.push({ what: "Tokens of the answer", text: `${integer(usage.generated_tokens)} tokens` });
  const cached = usage.cached_tokens > 0 ? `, ${integer(usage.cached_tokens)} kept from before` : "";
  facts.push({ what: `Tokens of the prompt${cached}`, text: `prompt ${integer(usage.prompt_tokens)}` });
  return facts;
}

function soFar(live: Live): Fact[] {
  const seconds = (live.now - live.since) / 1000;
  const facts = [{ what: "Tokens so far", text: `${integer(live.tokens)} tokens` }];
  if (seconds > 0.5) facts.unshift({ what: "Tokens a second", text: `${rate(live.tokens / seconds)} tok/s` });
  return facts;
}
