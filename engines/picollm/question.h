// What is asked, as the library takes it; what is scored, token by token.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "answer.h"
#include "load.h"
#include "tenfold/engine.h"

namespace tenfold::picollm {

/// invalid_argument, naming `name`, for text with a zero byte, where a C string would end, and for
/// what is not UTF-8.
Result<void> check_text(const std::string& text, const std::string& name);

/// invalid_argument for none, context_exceeded with the numbers for more tokens than the model
/// takes.
Result<void> check_length(std::size_t count, const LoadedModel& loaded, const std::string& name);

/// The finished text and its tokens. unsupported for messages if the model has no dialog.
Result<PreparedPrompt> prepare_prompt(const LoadedModel& loaded, const Prompt& prompt);

/// Of a request that has passed check_request().
Result<Question> prepare_question(const LoadedModel& loaded, const Request& request);

/// See Engine::score(). Leaves the model without a sequence.
Result<std::vector<double>> score_tokens(LoadedModel& loaded, std::span<const TokenId> tokens,
                                         const Control& control);

}  // namespace tenfold::picollm
