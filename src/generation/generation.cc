#include "generation/generation.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <random>
#include <string>
#include <utility>

#include "base/machine.h"
#include "generation/logprobs.h"
#include "generation/repetition.h"
#include "generation/tool_use.h"

namespace tenfold {
namespace {

using Clock = Interruption::Clock;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

Result<void> check_room(std::size_t prompt_tokens, int context_size) {
  if (prompt_tokens < static_cast<std::size_t>(context_size)) return {};
  return fail(ErrorCode::context_exceeded,
              "the prompt has " + std::to_string(prompt_tokens) + " tokens; the context of " +
                  std::to_string(context_size) + " leaves no room for an answer",
              "shorten the prompt or, if the model has more, load it with a larger context (on the "
              "command line: --ctx)");
}

Result<ConstraintMatcher> make_matcher(CoreModel& loaded, const Constraint& constraint) {
  return ConstraintMatcher::create(*TRY(loaded.constraint_vocabulary()), constraint);
}

/// Names the tool whose schema cannot be enforced, if it is one's.
Error named_fault(CoreModel& loaded, const Request& request, const ToolForm& form, Error fault) {
  for (const Tool& tool : std::get<ChatPrompt>(request.prompt).tools) {
    Request alone = request;
    alone.constraint = {};
    alone.tool_choice = {ToolChoice::Kind::named, tool.name};
    const auto constraint = constraint_with_tools(alone, form, loaded.tokenizer());
    const auto matcher = make_matcher(loaded, constraint);
    if (matcher.ok()) continue;
    return fail(ErrorCode::invalid_argument,
                "the schema of the tool \"" + tool.name +
                    "\" cannot be enforced: " + matcher.error().message,
                "leave out what it names, or leave the choice of tools to the model");
  }
  return fault;
}

}  // namespace

Result<Answer> Generation::run() {
  const PreparedPrompt prompt = TRY(loaded_.prompts.prepare(request_.prompt, request_.thinking));
  TRY(prepare(prompt));
  const auto end = TRY(replay());
  std::vector<TokenId> tokens = prompt.tokens;
  tokens.insert(tokens.end(), request_.answered.begin(), request_.answered.end());
  answer_.finish = end ? *end : TRY(generate(tokens));
  flush();
  answer_.usage.generated_tokens = static_cast<int>(answer_.tokens.size());
  answer_.usage.peak_memory_bytes = peak_memory_bytes();
  if (answer_.finish == FinishReason::stop && !answer_.tool_calls.empty()) {
    answer_.finish = FinishReason::tool_call;
  }
  return std::move(answer_);
}

Result<FinishReason> Generation::generate(std::span<const TokenId> tokens) {
  const auto prefill_start = Clock::now();
  auto lease = loaded_.sequences.take(tokens, interruption_.token());
  if (ended(lease)) return *interruption_.reason();
  sequence_ = TRY(std::move(lease));
  const auto kept = (*sequence_)->reuse(tokens, interruption_.token());
  if (ended(kept)) return *interruption_.reason();
  const int cached = TRY(kept);
  answer_.usage.cached_tokens = cached;
  progress_ = {cached, static_cast<int>(tokens.size()), cached};
  if (on_prompt_) on_prompt_(progress_);
  const Row row = TRY(evaluate(tokens.subspan(static_cast<std::size_t>(cached))));
  answer_.usage.prefill_seconds = seconds_between(prefill_start, Clock::now());
  const auto finish = decode(row);
  sequence_.reset();
  return finish;
}

Result<void> Generation::prepare(const PreparedPrompt& prompt) {
  const ModelInfo& info = loaded_.info();
  TRY(check_token_ids(request_.answered, info));
  TRY(check_room(prompt.tokens.size(), info.context_size));
  answer_.usage.prompt_tokens = static_cast<int>(prompt.tokens.size());
  answer_.usage.answered_tokens = static_cast<int>(request_.answered.size());
  // 32 random bits: short enough to type again, and exact in every JSON reader.
  const auto& seed = request_.sampling.seed;
  answer_.seed = seed ? *seed : std::random_device{}();
  ResolvedSampling sampling = resolve_sampling(request_.sampling, loaded_.sampling);
  sampling.temperature_first = loaded_.temperature_first;
  sampler_ = TRY(Sampler::create(sampling, info.vocabulary_size, answer_.seed, prompt.tokens));
  std::optional<ToolCallSplitter> tools;
  Constraint constraint = request_.constraint;
  if (uses_tools(request_)) {
    const ToolForm& form = loaded_.prompts.tool_form();
    tools = make_tool_splitter(request_, form);
    constraint = constraint_with_tools(request_, form, loaded_.tokenizer());
    call_ids_ = TRY(call_id_prefix(answer_.seed, std::as_bytes(std::span(prompt.tokens))));
    awaits_call_ = constraint.kind == Constraint::Kind::none;
  }
  if (constraint.kind != Constraint::Kind::none) {
    auto matcher = make_matcher(loaded_, constraint);
    if (!matcher.ok() && uses_tools(request_)) {
      return named_fault(loaded_, request_, loaded_.prompts.tool_form(), matcher.error());
    }
    matcher_ = TRY(std::move(matcher));
  }
  std::optional<ReasoningSplitter> reasoning;
  if (request_.split_reasoning) {
    const ThoughtForm& form = loaded_.prompts.thought_form(request_.prompt);
    reasoning.emplace(ends_in_open_thought(prompt.text, form), form);
    if (request_.thinking.budget) {
      end_of_thought_ =
          TRY(loaded_.tokenizer().encode("\n" + std::string(form.close), false, true));
    }
  }
  stream_.emplace(request_.stop, std::move(reasoning), std::move(tools));
  return {};
}

Result<std::optional<FinishReason>> Generation::replay() {
  const std::vector<TokenId>& answered = request_.answered;
  for (std::size_t i = 0; i < answered.size(); ++i) {
    sampler_->replay(answered[i]);
    keep(TRY(advance(answered[i])));
    const auto reason = end_after(answered[i]);
    if (!reason) continue;
    if (i + 1 == answered.size()) return reason;
    return fail(ErrorCode::invalid_argument,
                "answered[" + std::to_string(i) + "] ends the answer, but more tokens follow",
                "send the request with which they were generated");
  }
  return std::optional<FinishReason>();
}

Result<FinishReason> Generation::decode(Row row) {
  while (!row.empty()) {
    const TokenId token = TRY(choose(row));
    TRY(take(token, row));
    if (const auto reason = end_after(token)) return *reason;
    row = TRY(evaluate({&token, 1}));
  }
  return *interruption_.reason();
}

Result<Generation::Row> Generation::evaluate(std::span<const TokenId> tokens) {
  Row row;
  while (!tokens.empty() && !interruption_.reason()) {
    auto rows = (*sequence_)->append(tokens, false, interruption_.token());
    if (ended(rows)) return Row{};
    const Batcher::Rows step = TRY(std::move(rows));
    row = step.logits;
    tokens = tokens.subspan(step.tokens);
    tell_read(step.tokens);
  }
  return interruption_.reason() ? Row{} : row;
}

/// While the prompt is read, which is until its last token.
void Generation::tell_read(std::size_t tokens) {
  if (progress_.read == progress_.total) return;
  progress_.read += static_cast<int>(tokens);
  if (on_prompt_) on_prompt_(progress_);
}

ConstraintMatcher* Generation::matcher() {
  return matcher_ && !stream_->is_thinking() ? &*matcher_ : nullptr;
}

/// Counted from the tokens of the thought, so that an answer that goes on elsewhere ends it alike.
std::optional<TokenId> Generation::forced_token() const {
  if (!request_.thinking.budget || !stream_->is_thinking()) return std::nullopt;
  const int spent = answer_.usage.thought_tokens - *request_.thinking.budget;
  if (spent < 0 || std::cmp_greater_equal(spent, end_of_thought_.size())) return std::nullopt;
  return end_of_thought_[static_cast<std::size_t>(spent)];
}

Result<TokenId> Generation::choose(Row row) {
  if (const auto forced = forced_token()) return *forced;
  std::span<const std::uint32_t> mask;
  if (ConstraintMatcher* const holds = matcher()) mask = TRY(holds->mask());
  return sampler_->sample(row, mask);
}

Result<void> Generation::take(TokenId token, Row row) {
  const auto now = Clock::now();
  if (answer_.tokens.size() == request_.answered.size()) {
    first_token_ = now;
    answer_.usage.ttft_seconds = seconds_between(start_, now);
  }
  answer_.usage.decode_seconds = seconds_between(first_token_, now);
  sampler_->accept(token);
  Delta delta = TRY(advance(token));
  if (request_.logprobs) {
    delta.logprobs.push_back(
        TRY(token_logprob(row, token, *request_.logprobs, loaded_.tokenizer())));
  }
  (*sequence_)->release();
  publish(delta);
  return {};
}

Result<Delta> Generation::advance(TokenId token) {
  const Tokenizer& tokenizer = loaded_.tokenizer();
  const bool is_end = tokenizer.is_end_of_generation(token);
  const bool was_thinking = stream_->is_thinking();
  if (matcher_ && !was_thinking && !is_end) TRY(matcher_->accept(token));
  const std::string bytes = tokenizer.token_bytes(token);
  const bool is_shown = !tokenizer.is_special(token) || stream_->needs_special(bytes);
  Delta delta;
  if (!is_end && is_shown) {
    delta = delta_of(stream_->push(bytes));
    if (was_thinking || stream_->is_thinking()) ++answer_.usage.thought_tokens;
    TRY(begin_answer(stream_->begun_answer()));
    if (awaits_call_) {
      shown_ += bytes;
      hold_call();
    }
  }
  delta.tokens = {token};
  return delta;
}

Result<void> Generation::begin_answer(const std::string& text) {
  if (!matcher_ || text.empty()) return {};
  for (const TokenId token : TRY(loaded_.tokenizer().encode(text, false, false))) {
    TRY(matcher_->accept(token));
  }
  return {};
}

void Generation::hold_call() {
  const std::string_view call = stream_->begun_call();
  // While a stop string may be coming, the stream lags behind.
  if (call.empty() || !shown_.ends_with(call)) return;
  awaits_call_ = false;
  const Tokenizer& tokenizer = loaded_.tokenizer();
  auto matcher = make_matcher(
      loaded_, begun_call_constraint(request_, loaded_.prompts.tool_form(), tokenizer));
  const auto tokens = tokenizer.encode(call, false, true);
  // A schema that no grammar can express and a mark written otherwise leave the model free, as it
  // was not the client who asked for a call.
  if (!matcher.ok() || !tokens.ok()) return;
  for (const TokenId token : *tokens) {
    if (!matcher->accept(token).ok()) return;
  }
  matcher_ = std::move(matcher).value();
}

Delta Generation::delta_of(AnswerStream::Parts parts) {
  Delta delta{std::move(parts.text), std::move(parts.reasoning), {}, {}};
  for (ToolCall& call : parts.tool_calls) {
    if (calls_ > 0 && !may_call_more(request_)) break;  // of an array the model wrote
    const auto is_same = [&](const ToolCall& made) {
      return made.name == call.name && made.arguments == call.arguments;
    };
    repeats_call_ = repeats_call_ ||
                    (must_call(request_) && (std::ranges::any_of(answer_.tool_calls, is_same) ||
                                             std::ranges::any_of(delta.tool_calls, is_same)));
    if (repeats_call_) break;
    call.id = call_ids_ + std::to_string(calls_++);
    delta.tool_calls.push_back(std::move(call));
  }
  // Of an answer that has to be calls, what is none is one that was cut off.
  if (uses_tools(request_) && must_call(request_)) delta.text.clear();
  return delta;
}

std::optional<FinishReason> Generation::end_after(TokenId token) const {
  const bool ends = !request_.ignore_end && loaded_.tokenizer().is_end_of_generation(token);
  if (ends) return FinishReason::stop;
  if (stream_->stop_string()) return FinishReason::stop_string;
  const bool has_its_call = calls_ > 0 && !may_call_more(request_);
  if (stream_->calls_closed() || has_its_call || repeats_call_) return FinishReason::stop;
  if (matcher_ && !stream_->is_thinking() && matcher_->is_finished()) return FinishReason::stop;
  if (request_.max_tokens && std::cmp_greater_equal(answer_.tokens.size(), *request_.max_tokens)) {
    return FinishReason::length;
  }
  if (repeats()) return FinishReason::repetition;
  const std::size_t held = answer_.tokens.size() - 1;  // this token has not been evaluated
  if (std::cmp_greater_equal(static_cast<std::size_t>(answer_.usage.prompt_tokens) + held,
                             loaded_.info().context_size)) {
    return FinishReason::context_full;
  }
  return std::nullopt;
}

bool Generation::repeats() const {
  // What a grammar asks for, or whoever wants a number of tokens, may repeat itself.
  const bool is_held = matcher_ && !stream_->is_thinking();
  if (request_.allow_repetition || request_.ignore_end || is_held) return false;
  return answer_.tokens.size() % repetition_interval == 0 && repeats_endlessly(answer_.tokens);
}

void Generation::keep(const Delta& delta) {
  answer_.text += delta.text;
  answer_.reasoning += delta.reasoning;
  answer_.tokens.insert(answer_.tokens.end(), delta.tokens.begin(), delta.tokens.end());
  answer_.logprobs.insert(answer_.logprobs.end(), delta.logprobs.begin(), delta.logprobs.end());
  answer_.tool_calls.insert(answer_.tool_calls.end(), delta.tool_calls.begin(),
                            delta.tool_calls.end());
}

void Generation::publish(const Delta& delta) {
  keep(delta);
  if (on_delta_) on_delta_(delta);
}

void Generation::flush() {
  Delta delta = delta_of(stream_->finish());
  if (!delta.text.empty() || !delta.reasoning.empty() || !delta.tool_calls.empty()) publish(delta);
  if (stream_->stop_string()) {
    answer_.finish = FinishReason::stop_string;
    answer_.stop_string = *stream_->stop_string();
  }
}

}  // namespace tenfold
