// The fields that chat and text completions share.
#pragma once

#include "server/apis/answers/answer.h"
#include "server/apis/fields.h"

namespace tenfold::server::openai {

struct GenerationFields {
  Request request;  ///< without its prompt
  ModelUse use;
  std::vector<std::string> noted;  ///< fields that change nothing (noted.h)
  int choices = 1;
  bool stream = false;
  bool stream_usage = false;
  bool return_progress = false;  ///< llama-server's: how far the prompt is read, in a stream
};

/// What POST /v1/responses has, too. Faults stay in the reader for finish(). What OpenAI's API
/// lacks and ours has is here: fields of our table, regex, grammar, engine, context_size,
/// keep_alive and deadline (both in seconds).
void take_common_fields(BodyReader& reader, Request& request, ModelUse& use);

/// All of them, likewise.
void take_generation_fields(BodyReader& reader, GenerationFields& out);

/// A fault if the answer has to follow another constraint, too.
void add_constraint(BodyReader& reader, Result<Constraint> added, Constraint& out);

/// The request once for each choice; with a seed, each with the next one.
std::vector<Request> one_a_choice(const GenerationFields& fields);

}  // namespace tenfold::server::openai
