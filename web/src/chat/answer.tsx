// What a model answered: thoughts folded, the text, tools it calls, how it ended and how fast it was.
import type { Message } from "../api/shapes";
import { sentence } from "../api/client";
import { engineTitle } from "../api/library";
import { integer } from "../format";
import { Button } from "../ui/button";
import { Icon } from "../ui/icons";
import { Progress } from "../ui/notes";
import { complain } from "../ui/toast";
import { AnswerActions } from "./answer_actions";
import { askNow } from "./asking";
import { Markdown } from "./markdown/markdown";
import type { Entry, OpenChat, PromptProgress } from "./open_chat";
import { Measured } from "./measured";
import { Reasoning } from "./reasoning";
import { ToolCalls } from "./tool_calls";

export function Answer({ chat, entry, last }: { chat: OpenChat; entry: Entry; last: boolean }) {
  const message = entry.message.value;
  const running = message.state === "running";
  const silent = running && message.content === "" && message.reasoning === "";
  return (
    <article class="answer" aria-label={`Answer of ${message.model}`} aria-busy={running}>
      <header class="answer-head">
        <span class="answer-model">{message.model || "Answer"}</span>
        {message.engine && <span class="engine">{engineTitle(message.engine)}</span>}
      </header>
      {message.reasoning !== "" && <Reasoning text={message.reasoning} thinking={running && message.content === ""} />}
      {silent && <Waiting prompt={entry.prompt.value} />}
      {message.content !== "" && <Markdown text={message.content} growing={running} />}
      <ToolCalls chat={chat} message={message} last={last} />
      {entry.notice.value !== "" && (
        <p class="answer-note">
          <Icon name="info" size={16} /> {sentence(entry.notice.value)}
        </p>
      )}
      <Ending message={message} last={last} />
      <footer class="answer-foot">
        {!running && <AnswerActions chat={chat} message={message} last={last} />}
        <Measured message={message} live={entry.live.value} />
      </footer>
    </article>
  );
}

/** With a bar where there is much to read. */
function Waiting({ prompt }: { prompt: PromptProgress | undefined }) {
  const long = prompt && prompt.total - prompt.cached >= 64;
  return (
    <p class="waiting muted">
      <span class="running-dot" aria-hidden="true" /> Reading the question…
      {long && <Progress label="Read of the question" value={prompt.read / prompt.total} />}
      {long && ` ${integer(prompt.read)} of ${integer(prompt.total)} tokens`}
    </p>
  );
}

const endings: Partial<Record<NonNullable<Message["finish_reason"]>, string>> = {
  length: "It ended at the limit of tokens.",
  cancelled: "Stopped.",
  deadline: "It ended at the time limit.",
  repetition: "It had come to repeat itself without end, and was stopped. A repeat penalty of 1.1 in this chat's settings may help.",
  context_full: "The model's context is full. Start a new chat, or raise the context in this chat's settings.",
};

/** Only where an answer did not end by itself. */
function Ending({ message, last }: { message: Message; last: boolean }) {
  if (message.state === "running") return null;
  if (message.error) {
    return (
      <div class="error-note" role="note">
        <Icon name="alert" />
        <div class="grow">
          <p>{sentence(message.error.message)}</p>
          {message.error.hint && <p class="small">{sentence(message.error.hint)}</p>}
        </div>
        {last && <Button onClick={() => void askNow({ regenerate: message.parent }).catch(complain)}>Try again</Button>}
      </div>
    );
  }
  const text = message.finish_reason ? endings[message.finish_reason] : undefined;
  if (!text) return null;
  const further = last && message.finish_reason !== "context_full";
  return (
    <p class="answer-note">
      {text}
      {further && (
        <button type="button" class="link" onClick={() => void askNow({ continue: message.id }).catch(complain)}>
          Continue
        </button>
      )}
    </p>
  );
}
