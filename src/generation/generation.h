// The loop that makes one answer: prefill, sample, stop, publish.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "generation/answer_stream.h"
#include "generation/core_model.h"
#include "generation/interruption.h"
#include "generation/sampler.h"
#include "tenfold/request.h"
#include "tenfold/result.h"
#include "text/constraint.h"

namespace tenfold {

/// One answer. Used once; everything it is given outlives it.
class Generation {
 public:
  Generation(CoreModel& loaded, const Interruption& interruption, const Request& request,
             const OnDelta& on_delta, const OnPrompt& on_prompt,
             Interruption::Clock::time_point start)
      : loaded_(loaded),
        interruption_(interruption),
        request_(request),
        on_delta_(on_delta),
        on_prompt_(on_prompt),
        start_(start) {}

  /// context_exceeded with the numbers if the prompt leaves no room for an answer; errors of the
  /// template, the constraint and the engine otherwise.
  Result<Answer> run();

 private:
  using Row = std::span<const float>;

  Result<void> prepare(const PreparedPrompt& prompt);
  /// Makes Request::answered part of the answer; set if that ends it.
  Result<std::optional<FinishReason>> replay();
  Result<FinishReason> generate(std::span<const TokenId> tokens);
  Result<FinishReason> decode(Row row);
  /// The logits after `tokens`; empty when the answer has to end early.
  Result<Row> evaluate(std::span<const TokenId> tokens);
  void tell_read(std::size_t tokens);
  /// Whether a call failed because the answer has to end early.
  template <typename T>
  [[nodiscard]] bool ended(const Result<T>& call) const {
    return !call.ok() && call.error().code == ErrorCode::cancelled &&
           interruption_.reason().has_value();
  }
  Result<TokenId> choose(Row row);
  /// What the answer has to follow from here on; nullptr: nothing. Not of the thought.
  [[nodiscard]] ConstraintMatcher* matcher();
  /// The next token of the mark that ends the thought, if its budget is spent.
  [[nodiscard]] std::optional<TokenId> forced_token() const;
  /// Makes the new token part of the answer.
  Result<void> take(TokenId token, Row row);
  /// What the token, already known to the sampler, adds to the answer.
  Result<Delta> advance(TokenId token);
  /// `text`: what the token that ended the thought has of the answer.
  Result<void> begin_answer(const std::string& text);
  /// Holds a call that the model began by itself to the tools' schemas from here on.
  void hold_call();
  [[nodiscard]] std::optional<FinishReason> end_after(TokenId token) const;
  /// Whether the answer has come to the same tokens over and over; looks from time to time.
  [[nodiscard]] bool repeats() const;
  /// The text, reasoning and calls that have appeared; calls get their ids.
  Delta delta_of(AnswerStream::Parts parts);
  void keep(const Delta& delta);
  void publish(const Delta& delta);
  void flush();

  CoreModel& loaded_;
  const Interruption& interruption_;
  const Request& request_;
  const OnDelta& on_delta_;
  const OnPrompt& on_prompt_;
  Interruption::Clock::time_point start_;
  Interruption::Clock::time_point first_token_;
  std::optional<SequencePool::Lease> sequence_;
  std::optional<Sampler> sampler_;
  std::optional<ConstraintMatcher> matcher_;
  std::optional<AnswerStream> stream_;
  std::vector<TokenId> end_of_thought_;  ///< what ends it when its budget is spent
  bool awaits_call_ = false;             ///< a call may begin, which nothing constrains yet
  std::string shown_;                    ///< what the stream was given while that is so
  std::string call_ids_;                 ///< what the ids of calls begin with
  int calls_ = 0;
  bool repeats_call_ = false;  ///< one that had to be made was made before, letter for letter
  PromptProgress progress_;
  Answer answer_;
};

}  // namespace tenfold
