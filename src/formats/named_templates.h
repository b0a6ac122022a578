// Models with a chat template of its own for conversations with tools.
#pragma once

#include <string>

#include "formats/gguf.h"

namespace tenfold {

/// One Jinja source that is `for_tools` where tools are given and `standard` where not, as
/// transformers chooses between the templates "tool_use" and "default" (utils/chat_template_utils).
/// The other one, if one of them is empty.
std::string with_tool_template(std::string standard, std::string for_tools);

/// That of a GGUF file: tokenizer.chat_template and tokenizer.chat_template.tool_use.
std::string chat_template_of(const GgufFile& header);

}  // namespace tenfold
