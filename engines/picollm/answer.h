// One answer of the library's own text loop, brought to the thread that asked for it.
#pragma once

#include <string>

#include "generation/answer_stream.h"
#include "generation/interruption.h"
#include "model.h"
#include "tenfold/engine.h"

namespace tenfold::picollm {

/// A request, ready for the library.
struct Question {
  CompletionRequest completion;
  int prompt_tokens = 0;
  std::optional<int> max_tokens;  ///< as asked; completion.limit may be less
  std::optional<int> logprobs;    ///< as in Request
  bool split_reasoning = true;
};

/// Runs the answer on a thread of its own and calls `on_delta` and `on_prompt` on this one. The
/// library's thread waits while a piece of text is dealt with, so that an answer that is stopped
/// ends with the piece at hand. Whatever is thrown by a callback ends the answer, too.
Result<Answer> run_answer(Model& model, const Question& question, const Interruption& interruption,
                          const OnDelta& on_delta, const OnPrompt& on_prompt,
                          Interruption::Clock::time_point start);

}  // namespace tenfold::picollm
