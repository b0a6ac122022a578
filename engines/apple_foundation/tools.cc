#include "tools.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "call_slots.h"
#include "generation/tool_use.h"
#include "schema_dialect.h"
#include "tool_schema.h"

namespace tenfold::apple_foundation {
namespace {

Error no_place(std::size_t wanted) {
  if (wanted > call_slots) {
    return fail(ErrorCode::unsupported,
                fmt::format("apple_foundation takes {} tools, not {}", call_slots, wanted),
                "leave some out");
  }
  return fail(ErrorCode::busy, "tools of an answer that was stopped have not ended yet",
              "wait a moment, then ask again");
}

Result<Object> make_tool(const Bridge& bridge, const Tool& tool, ToolCallback function) {
  const Object schema = TRY(build_schema(bridge, TRY(parameters_in_dialect(tool))));
  int code = 0;
  char* failure = nullptr;
  Object made(bridge, bridge.BridgedToolCreate(tool.name.c_str(), tool.description.c_str(),
                                               schema.get(), function, &code, &failure));
  const std::string words = take_string(bridge, failure);
  if (made.get() != nullptr) return made;
  return fail(ErrorCode::invalid_argument,
              fmt::format("Apple's model cannot take the tool {}: {}", tool.name, words),
              "simplify its parameters");
}

}  // namespace

Result<std::vector<Object>> make_tools(const Bridge& bridge, const Request& request,
                                       GrowingAnswer& growing) {
  std::vector<Object> made;
  const auto* chat = std::get_if<ChatPrompt>(&request.prompt);
  if (chat == nullptr) return made;
  for (const Tool& tool : chat->tools) {
    const auto function = growing.next_tool();
    if (!function) return no_place(chat->tools.size());
    made.push_back(TRY(make_tool(bridge, tool, *function)));
  }
  return made;
}

Result<std::vector<ToolCall>> name_calls(const std::vector<WaitingCall>& calls,
                                         const Request& request, const Conversation& conversation,
                                         std::uint64_t seed) {
  const std::string turn = conversation.transcript + conversation.prompt;
  const std::string prefix = TRY(call_id_prefix(seed, std::as_bytes(std::span(turn))));
  std::vector<ToolCall> named;
  for (const WaitingCall& call : calls) {
    const Tool& tool = std::get<ChatPrompt>(request.prompt).tools[call.tool];
    if (!nlohmann::json::parse(call.arguments, nullptr, false).is_object()) {
      return fail(ErrorCode::internal,
                  fmt::format("Apple's model called the tool {} without arguments", tool.name),
                  "try again");
    }
    named.push_back({prefix + std::to_string(named.size()), tool.name, call.arguments});
  }
  return named;
}

}  // namespace tenfold::apple_foundation
