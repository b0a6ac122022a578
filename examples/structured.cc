// An answer that fits a JSON schema: nothing else can be written.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "example.h"

namespace {

using namespace tenfold;

constexpr const char* schema = R"({
  "type": "object",
  "properties": {
    "country": {"enum": ["France", "Germany", "Italy"]},
    "capital": {"enum": ["Berlin", "Paris", "Rome"]},
    "rivers": {"type": "array", "items": {"enum": ["Rhine", "Seine", "Spree", "Tiber"]}, "minItems": 1, "maxItems": 2},
    "is_large": {"type": "boolean"}
  },
  "required": ["country", "capital", "rivers", "is_large"],
  "additionalProperties": false
})";

Result<void> ask(Engine& engine, std::string question) {
  Request request;
  request.prompt = std::vector<Message>{{"user", std::move(question)}};
  request.constraint = {Constraint::Kind::json_schema, schema};
  const Answer answer = TRY(engine.generate(request));
  // Cut off by a limit it would be the beginning of such a text only.
  if (answer.finish != FinishReason::stop) {
    return fail(ErrorCode::context_exceeded,
                fmt::format("the answer ended early: {}", to_string(answer.finish)),
                "give it more room");
  }
  const auto city = nlohmann::json::parse(answer.text);
  fmt::print("{}\n", answer.text);
  fmt::print("{} is the capital of {}\n", city["capital"].get<std::string>(),
             city["country"].get<std::string>());
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  return tenfold::run_example(count, arguments, ask, "What is the capital of France?");
}
