// The conversation template of an mlc-chat-config.json, as Jinja.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tenfold/model.h"

namespace tenfold {

/// The template by which mlc_llm's Conversation.as_prompt() writes messages
/// (python/mlc_llm/protocol/conversation_protocol.py); `conversation` is the "conv_template".
/// Empty for "LM", that of base models, and where it has no roles.
std::string mlc_template(const nlohmann::json& conversation);

/// Begin and ends of an mlc-chat-config.json and its template: ids, and texts.
void add_mlc_ends(const nlohmann::json& config, ModelText& text);

}  // namespace tenfold
