// What a model is asked: a conversation with tools it may call, plain text, or token ids.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tenfold {

using TokenId = std::int32_t;

/// In place of an id, from engines whose tokens have none.
inline constexpr TokenId no_token = -1;

/// A tool the model asks to be called.
struct ToolCall {
  std::string id;         ///< unique; the result's message names it
  std::string name;       ///< of the tool
  std::string arguments;  ///< JSON text of an object, as the model wrote it
  bool operator==(const ToolCall&) const = default;
};

struct Message {
  std::string role;  ///< "system", "user", "assistant" or "tool"
  std::string content;
  std::string reasoning = {};             ///< of an assistant: what it thought before `content`
  std::vector<ToolCall> tool_calls = {};  ///< of an assistant: what it called after `content`
  std::string tool_call_id = {};          ///< of a tool: the call whose result `content` is
  std::string name = {};                  ///< of a tool: its name
  bool operator==(const Message&) const = default;
};

/// A tool the model may call.
struct Tool {
  std::string name;  ///< letters, digits, '_', '-' and '.'; at most 128
  std::string description = {};
  /// JSON Schema of the arguments (JSON text of an object); empty: any object. Text, because the
  /// order of its fields is part of what the model sees.
  std::string parameters = {};
  bool operator==(const Tool&) const = default;
};

/// A conversation, rendered by the model's chat template. A last message of the role "assistant" is
/// left open: the answer continues it.
struct ChatPrompt {
  ChatPrompt() = default;
  // Not explicit: a list of messages is a conversation.
  ChatPrompt(std::vector<Message> conversation, std::vector<Tool> usable_tools = {}) noexcept
      : messages(std::move(conversation)), tools(std::move(usable_tools)) {}

  std::vector<Message> messages;
  std::vector<Tool> tools;
  /// Variables for the template beside those that it always has (JSON text of an object); empty:
  /// none.
  std::string template_arguments = {};
  bool operator==(const ChatPrompt&) const = default;
};

/// A conversation, plain text (encoded as it is, with the model's BOS rule), or token ids (used
/// unchanged).
using Prompt = std::variant<ChatPrompt, std::string, std::vector<TokenId>>;

}  // namespace tenfold
