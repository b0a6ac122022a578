// Conversations and tools as OpenAI's chat API spells them.
#pragma once

#include <string>
#include <vector>

#include "server/apis/fields.h"
#include "tenfold/request.h"

namespace tenfold::server {

/// `json` is the value of the field `where`. unsupported, naming the place, for contents that are
/// no text.
Result<std::vector<Message>> read_messages(const Json& json, const std::string& where,
                                           std::size_t most);

/// The fields of a function that may be called; `pointer` is where it stands in `body`. Faults stay
/// in the reader.
void take_function(BodyReader& reader, const OrderedBody& body, const std::string& pointer,
                   Tool& out);

/// `body` is the whole body, for the order of the schemas' fields; `json` its field "tools".
Result<std::vector<Tool>> read_tools(const Json& json, const OrderedBody& body);

Result<ToolChoice> read_tool_choice(const Json& json);

/// Of an answer that has to be any JSON object.
Constraint any_object();

/// "response_format"; `body` as above.
Result<Constraint> read_response_format(const Json& json, const OrderedBody& body);

Json tool_call_json(const ToolCall& call);

}  // namespace tenfold::server
