// The settings of a conversation: how its answers are made.
#pragma once

#include "engine/json.h"
#include "tenfold/request.h"

namespace tenfold {

/// Makes requests alike but for their prompts.
struct ChatParameters {
  Request request;  ///< without prompt
  std::vector<Tool> tools;
  int context_size = 0;  ///< tokens; 0: the default
};

/// A flat object with the fields of a request that may stay the same from answer to answer (see
/// engine/json.h), tools, and context_size; null is as if the field were not there.
/// invalid_argument naming the field that is unknown, of the wrong type or out of range.
Result<ChatParameters> read_generation(const Json& settings);

/// `settings` over `defaults`, field by field; nulls are left out.
Json merge_settings(Json defaults, const Json& settings);

}  // namespace tenfold
