#include "server/apis/openai/completion_request.h"

#include <fmt/format.h>

#include <algorithm>

namespace tenfold::server::openai {
namespace {

constexpr int usual_most_tokens = 16;  // this API's own default
constexpr std::size_t most_answers = 64;

bool is_list_of_numbers(const Json& json) {
  return json.is_array() && !json.empty() && json.front().is_number();
}

/// A text, or the ids of its tokens.
Result<Prompt> read_prompt(const Json& json, const std::string& where) {
  if (json.is_string()) {
    std::string text;
    TRY(read_value(json, where, text));
    return Prompt(std::move(text));
  }
  if (!is_list_of_numbers(json)) {
    return fail(ErrorCode::invalid_argument, where + " must be a string or an array of token ids");
  }
  std::vector<TokenId> tokens;
  TRY(read_value(json, where, tokens));
  return Prompt(std::move(tokens));
}

Result<std::vector<Prompt>> read_prompts(const Json& json) {
  std::vector<Prompt> prompts;
  if (!json.is_array() || is_list_of_numbers(json)) {
    prompts.push_back(TRY(read_prompt(json, "prompt")));
    return prompts;
  }
  if (json.empty()) return fail(ErrorCode::invalid_argument, "prompt has no element");
  for (const Json& prompt : json) {
    prompts.push_back(TRY(read_prompt(prompt, fmt::format("prompt[{}]", prompts.size()))));
  }
  return prompts;
}

}  // namespace

Result<CompletionFields> read_completion(Json json) {
  CompletionFields out;
  out.generation.noted = take_noted(json, Api::completions);
  Request& request = out.generation.request;
  request.max_tokens = usual_most_tokens;
  request.split_reasoning = false;  // a completion is all of what the model wrote
  int best_of = 0;
  BodyReader reader(json, "");
  take_generation_fields(reader, out.generation);
  reader.optional("logprobs", request.logprobs)
      .optional("best_of", best_of)
      .only("echo", {false})
      .only("suffix", {""});
  if (best_of != 0 && best_of != out.generation.choices) {
    reader.keep(fail(ErrorCode::unsupported, "best_of is not supported by this server",
                     "leave it out: every answer is returned"));
  }
  const Json* prompt = reader.take("prompt");
  if (prompt == nullptr) reader.keep(fail(ErrorCode::invalid_argument, "prompt is missing"));
  if (reader.ok()) reader.keep(read_prompts(*prompt), out.prompts);
  TRY(reader.finish());
  const std::size_t answers = out.prompts.size() * static_cast<std::size_t>(out.generation.choices);
  if (answers > most_answers) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("prompt asks for {} answers; the limit is {}", answers, most_answers));
  }
  return out;
}

std::vector<Request> one_a_choice(const CompletionFields& fields) {
  std::vector<Request> requests;
  for (const Prompt& prompt : fields.prompts) {
    for (Request& request : one_a_choice(fields.generation)) {
      request.prompt = prompt;
      requests.push_back(std::move(request));
    }
  }
  return requests;
}

}  // namespace tenfold::server::openai
