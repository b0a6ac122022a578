// The body of POST /v1/chat/completions.
#pragma once

#include "server/apis/openai/generation_fields.h"

namespace tenfold::server::openai {

/// The fields with the prompt. invalid_argument or unsupported names the field that is at fault.
Result<GenerationFields> read_chat(Json json, const std::string& body, const Limits& limits);

}  // namespace tenfold::server::openai
