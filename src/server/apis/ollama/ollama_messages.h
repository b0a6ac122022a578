// Conversations as Ollama's chat API spells them.
#pragma once

#include <string>
#include <vector>

#include "engine/json.h"
#include "tenfold/request.h"

namespace tenfold::server::ollama {

/// The field "messages"; `body` is the whole body, for the order of the calls' arguments. Results
/// of tools, which name the tool at most, are given the calls they belong to.
Result<std::vector<Message>> read_messages(const Json& json, const std::string& body,
                                           std::size_t most);

/// The arguments are an object, not text.
Json tool_call_json(const ToolCall& call);

}  // namespace tenfold::server::ollama
