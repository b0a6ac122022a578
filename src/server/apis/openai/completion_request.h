// The body of POST /v1/completions.
#pragma once

#include "server/apis/openai/generation_fields.h"

namespace tenfold::server::openai {

struct CompletionFields {
  GenerationFields generation;  ///< its request has no prompt
  std::vector<Prompt> prompts;  ///< texts or token ids
};

/// invalid_argument or unsupported names the field that is at fault.
Result<CompletionFields> read_completion(Json json);

/// Each prompt as often as it has choices, which follow each other.
std::vector<Request> one_a_choice(const CompletionFields& fields);

}  // namespace tenfold::server::openai
