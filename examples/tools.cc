// A model that calls a tool of the program's: the call, its result, and the answer to both.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "example.h"

namespace {

using namespace tenfold;

const Tool weather{.name = "weather",
                   .description = "The weather in a city, now",
                   .parameters = R"({"type": "object", "properties":
                       {"city": {"type": "string", "enum": ["Berlin", "Paris", "Rome"]}},
                       "required": ["city"]})"};

/// The arguments are the model's: a tool checks them as it would a stranger's.
std::string call(const ToolCall& asked) {
  const auto arguments = nlohmann::json::parse(asked.arguments, nullptr, false);
  if (asked.name != weather.name || !arguments.is_object() || !arguments.contains("city")) {
    return R"({"error": "give a city"})";
  }
  return R"({"degrees": 21, "sky": "clear"})";
}

Result<void> talk(Engine& engine, std::string question) {
  ChatPrompt chat({{"user", std::move(question)}}, {weather});
  Request request;
  request.prompt = chat;
  request.max_tokens = 200;
  // The model would decide; a small one seldom calls unless it has to.
  if (engine.capabilities().honours("tool_choice")) {
    request.tool_choice.kind = ToolChoice::Kind::required;
  }
  const Answer asks = TRY(engine.generate(request));
  if (asks.finish != FinishReason::tool_call) {
    fmt::print("answer without a call: {}\n", asks.text);
    return {};
  }

  // The conversation goes on after what the model said and what came of it.
  chat.messages.push_back(
      {.role = "assistant", .content = asks.text, .tool_calls = asks.tool_calls});
  for (const ToolCall& asked : asks.tool_calls) {
    const std::string result = call(asked);
    fmt::print("call: {} {}\nresult: {}\n", asked.name, asked.arguments, result);
    chat.messages.push_back(
        {.role = "tool", .content = result, .tool_call_id = asked.id, .name = asked.name});
  }
  request.prompt = chat;
  request.tool_choice = {};
  const Answer answer = TRY(engine.generate(request));
  fmt::print("answer: {}\n", answer.text);
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  return tenfold::run_example(count, arguments, talk, "What is the weather in Paris?");
}
