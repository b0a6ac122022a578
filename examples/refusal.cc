// A question that is not answered, in the three ways there are.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "example.h"

namespace {

using namespace tenfold;

// A model's own refusal is text like any other, unless it has a field to say so.
constexpr const char* schema = R"({
  "type": "object",
  "properties": {
    "refused": {"type": "boolean"},
    "words": {"type": "string", "pattern": "^[A-Za-z ,.]{1,60}$"}
  },
  "required": ["refused", "words"],
  "additionalProperties": false
})";

Result<void> ask(Engine& engine, std::string question) {
  Request request;
  request.prompt = std::vector<Message>{
      {"system", "If you cannot or must not answer, set refused and say why in words."},
      {"user", std::move(question)}};
  request.constraint = {Constraint::Kind::json_schema, schema};
  const auto answer = engine.generate(request);
  if (answer.ok()) {
    if (answer->finish != FinishReason::stop) {
      return fail(ErrorCode::context_exceeded, "the answer was cut off", "ask for less");
    }
    const auto said = nlohmann::json::parse(answer->text);
    fmt::print("{}: {}\n", said["refused"].get<bool>() ? "refused by the model" : "answered",
               said["words"].get<std::string>());
    return {};
  }
  const Error& error = answer.error();
  switch (error.code) {
    case ErrorCode::refused:  // the rules of a model's provider, such as Apple's guardrails
      fmt::print("refused by rules: {}\n", error.message);
      return {};
    case ErrorCode::unsupported:  // what the engine does not have is never left out in silence
      fmt::print("refused before it began: {}\n", error.message);
      return {};
    default:
      return error;
  }
}

}  // namespace

int main(int count, char** arguments) {
  return tenfold::run_example(count, arguments, ask, "How do I pick a lock?");
}
