// Conversations, tools and formats as POST /v1/responses spells them.
#pragma once

#include <string>
#include <vector>

#include "server/apis/fields.h"
#include "tenfold/request.h"

namespace tenfold::server::openai {

/// "input": a text, or items of which those of one turn of the model become one message.
/// unsupported, naming the place, for contents that are no text and for references.
Result<std::vector<Message>> read_input(const Json& json, std::size_t most);

/// "tools", without the chat API's inner object; `body` is the whole body, for the order of the
/// schemas' fields.
Result<std::vector<Tool>> read_flat_tools(const Json& json, const OrderedBody& body);

Result<ToolChoice> read_flat_tool_choice(const Json& json);

/// "text.format"; `body` as above.
Result<Constraint> read_text_format(const Json& json, const OrderedBody& body);

}  // namespace tenfold::server::openai
