// The fields that chat and text completions share.
#pragma once

#include "server/answers/answer.h"
#include "server/fields.h"

namespace tenfold::server::openai {

struct GenerationFields {
  Request request;  ///< without its prompt
  ModelUse use;
  int choices = 1;
  bool stream = false;
  bool stream_usage = false;
};

/// Takes them from the reader; faults stay in it for finish(). What OpenAI's API lacks and ours has
/// is here, too: top_k, min_p, repeat_penalty, regex, grammar, engine, context_size, keep_alive and
/// deadline (both in seconds).
void take_generation_fields(BodyReader& reader, GenerationFields& out);

}  // namespace tenfold::server::openai
