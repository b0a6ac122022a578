// Conversations and tools as Anthropic's API spells them.
#pragma once

#include <string>
#include <vector>

#include "engine/json.h"
#include "tenfold/request.h"

namespace tenfold::server::anthropic {

/// Values twice: as they are read, and with the fields of objects in the order they were sent,
/// which is part of what the model sees.
struct Value {
  const Json& json;
  const nlohmann::ordered_json& ordered;
};

/// "system" (nullptr: none) and "messages". Results of tools become messages of their own, with the
/// name of the tool that was called. unsupported, naming the place, for contents that are no text.
Result<std::vector<Message>> read_conversation(const Json* system, const Value& messages,
                                               std::size_t most);

Result<std::vector<Tool>> read_tools(const Value& tools);

/// "tool_choice"; sets parallel_tool_calls, too.
Result<void> read_tool_choice(const Json& json, Request& request);

}  // namespace tenfold::server::anthropic
