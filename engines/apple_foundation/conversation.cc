#include "conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "schema_dialect.h"

namespace tenfold::apple_foundation {
namespace {

// The order of fields is part of a schema.
using Json = nlohmann::ordered_json;

/// Ids need to differ, no more.
std::string id(std::size_t number) { return fmt::format("00000000-0000-4000-8000-{:012}", number); }

Json entry(std::string_view role, const std::string& text, std::size_t number) {
  Json entry{
      {"id", id(2 * number)},
      {"role", role},
      {"contents", Json::array({{{"type", "text"}, {"id", id(2 * number + 1)}, {"text", text}}})}};
  if (role == "instructions") entry["tools"] = Json::array();
  if (role == "user") entry["options"] = Json::object();
  if (role == "response") entry["assets"] = Json::array();
  return entry;
}

/// The system message, if there is one, and the tools.
Result<Json> instructions_entry(const ChatPrompt& chat) {
  const Message& first = chat.messages.front();
  Json written = entry("instructions", first.content, 0);
  if (first.role != "system") written["contents"] = Json::array();
  for (const Tool& tool : chat.tools) {
    const std::string parameters = TRY(parameters_in_dialect(tool));
    written["tools"].push_back({{"type", "function"},
                                {"function",
                                 {{"name", tool.name},
                                  {"description", tool.description},
                                  {"parameters", Json::parse(parameters)}}}});
  }
  return written;
}

/// Calls are a response of their own.
Json calls_entry(const std::vector<ToolCall>& calls, std::size_t number) {
  Json written = Json::array();
  for (const ToolCall& call : calls) {
    written.push_back({{"id", call.id}, {"name", call.name}, {"arguments", call.arguments}});
  }
  return {{"id", id(2 * number)}, {"role", "response"}, {"toolCalls", std::move(written)}};
}

/// The entry has the id of the call, which the framework's own transcripts name it by.
Result<Json> result_entry(const std::vector<Message>& messages, std::size_t at,
                          std::size_t number) {
  const Message& result = messages[at];
  std::string name = result.name;
  for (std::size_t i = 0; i < at && name.empty(); ++i) {
    for (const ToolCall& call : messages[i].tool_calls) {
      if (call.id == result.tool_call_id) name = call.name;
    }
  }
  if (name.empty()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("messages[{}] is the result of no call in the conversation", at),
                "give its tool_call_id, or the tool's name");
  }
  Json written = entry("tool", result.content, number);
  if (!result.tool_call_id.empty()) written["id"] = result.tool_call_id;
  written["toolCallID"] = written["id"];
  written["toolName"] = name;
  return written;
}

std::string_view role_of(const Message& message) {
  if (message.role == "system") return "instructions";
  return message.role == "assistant" ? "response" : "user";
}

/// Of the messages before `end`.
Result<Json> entries_of(const ChatPrompt& chat, std::size_t end) {
  Json entries = Json::array();
  const bool has_system = chat.messages.front().role == "system";
  if (has_system || !chat.tools.empty()) entries.push_back(TRY(instructions_entry(chat)));
  for (std::size_t at = has_system ? 1 : 0; at < end; ++at) {
    const Message& message = chat.messages[at];
    const std::size_t number = 2 * at + 1;
    if (message.role == "tool") {
      entries.push_back(TRY(result_entry(chat.messages, at, number)));
      continue;
    }
    if (!message.content.empty() || message.tool_calls.empty()) {
      entries.push_back(entry(role_of(message), message.content, number));
    }
    if (!message.tool_calls.empty()) {
      entries.push_back(calls_entry(message.tool_calls, number + 1));
    }
  }
  return entries;
}

Error unsupported(std::string message, std::string hint) {
  return fail(ErrorCode::unsupported, std::move(message), std::move(hint));
}

/// The model's own loop would go on without a word, once it has the results.
constexpr const char* after_results = "Go on with the results of the tools.";

}  // namespace

Result<Conversation> read_conversation(const Prompt& prompt) {
  ChatPrompt chat;
  if (const auto* text = std::get_if<std::string>(&prompt)) {
    chat = std::vector<Message>{{"user", *text}};
  } else if (const auto* given = std::get_if<ChatPrompt>(&prompt)) {
    chat = *given;
  }
  const std::vector<Message>& messages = chat.messages;
  const bool ends_with_result = !messages.empty() && messages.back().role == "tool";
  if (messages.empty() || (messages.back().role != "user" && !ends_with_result)) {
    return unsupported("apple_foundation takes no conversation that does not end with the user",
                       "leave out the begun answer");
  }
  // C strings end at the first zero byte, and nothing is to be cut in silence.
  const auto has_zero = [](const auto& text) { return text.find('\0') != std::string::npos; };
  if (std::ranges::any_of(messages, has_zero, &Message::content) ||
      std::ranges::any_of(chat.tools, has_zero, &Tool::description)) {
    return fail(ErrorCode::invalid_argument,
                "a message or tool has a zero byte, which the model cannot take",
                "correct the text");
  }
  Json entries = TRY(entries_of(chat, messages.size() - (ends_with_result ? 0 : 1)));
  const Json transcript{{"type", "FoundationModels.Transcript"},
                        {"version", 1},
                        {"transcript", {{"entries", std::move(entries)}}}};
  return Conversation{transcript.dump(),
                      ends_with_result ? after_results : messages.back().content};
}

Result<std::string> generation_options(const Request& request, std::uint64_t seed, int limit) {
  const Sampling& asked = request.sampling;
  if (asked.top_k && asked.top_p) {
    return unsupported("apple_foundation does not have top_k and top_p at once",
                       "leave out one of them");
  }
  Json options{{"maximum_response_tokens", limit}};
  // Numbers as numbers: the bridge drops texts in silence.
  Json sampling{{"mode", asked.temperature == 0 ? "greedy" : "random"}};
  if (asked.temperature == 0) {
    options["sampling"] = std::move(sampling);
    return options.dump();
  }
  if (asked.temperature) options["temperature"] = *asked.temperature;
  sampling["seed"] = seed;
  if (asked.top_k.value_or(0) > 0) {
    sampling["top_k"] = *asked.top_k;
  } else {
    sampling["top_p"] = asked.top_p.value_or(1.0);
  }
  options["sampling"] = std::move(sampling);
  return options.dump();
}

}  // namespace tenfold::apple_foundation
