#include "chat/conversation.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/text.h"

namespace tenfold {
namespace {

constexpr std::array<std::string_view, 4> state_names{"complete", "cancelled", "failed", "running"};

bool says_something(const ChatMessage& message) {
  return !message.content.empty() || !message.tool_calls.empty();
}

/// Files before the text, each between fences that are longer than any in it.
std::string with_attachments(const ChatMessage& message) {
  std::string text;
  for (const Attachment& file : message.attachments) {
    std::string fence = "```";
    while (file.text.find(fence) != std::string::npos) fence += '`';
    text += file.name + ":\n" + fence + "\n" + file.text;
    if (!file.text.ends_with('\n')) text += '\n';
    text += fence + "\n\n";
  }
  return text + message.content;
}

}  // namespace

std::string_view to_string(MessageState state) {
  return state_names[static_cast<std::size_t>(state)];
}

std::optional<MessageState> message_state_from(std::string_view name) {
  const auto found = std::ranges::find(state_names, name);
  if (found == state_names.end()) return std::nullopt;
  return static_cast<MessageState>(found - state_names.begin());
}

std::vector<const ChatMessage*> branch_of(const Conversation& conversation,
                                          std::optional<std::int64_t> leaf) {
  std::unordered_map<std::int64_t, const ChatMessage*> by_id;
  for (const ChatMessage& message : conversation.messages) by_id[message.id] = &message;
  std::vector<const ChatMessage*> branch;
  while (leaf) {
    const auto found = by_id.find(*leaf);
    if (found == by_id.end()) break;
    branch.push_back(found->second);
    leaf = found->second->parent;
  }
  std::ranges::reverse(branch);
  return branch;
}

std::vector<Message> prompt_messages(const std::string& system,
                                     std::span<const ChatMessage* const> branch) {
  std::vector<Message> prompt;
  if (!system.empty()) prompt.push_back({"system", system});
  for (std::size_t i = 0; i < branch.size(); ++i) {
    const ChatMessage& message = *branch[i];
    const ChatMessage* next = i + 1 < branch.size() ? branch[i + 1] : nullptr;
    const bool answered = next == nullptr || (next->role == "assistant" && says_something(*next));
    if (message.role == "user" ? !answered : !says_something(message)) continue;
    Message said{message.role, with_attachments(message)};
    said.tool_calls = message.tool_calls;
    said.tool_call_id = message.tool_call_id;
    prompt.push_back(std::move(said));
  }
  return prompt;
}

std::string title_of(std::string_view message) {
  constexpr std::size_t longest = 80;
  const std::size_t start = message.find_first_not_of(white_space);
  if (start == std::string_view::npos) return {};
  message = message.substr(start);
  message = message.substr(0, message.find_first_of("\r\n"));
  message = message.substr(0, message.find_last_not_of(white_space) + 1);
  if (message.size() <= longest) return std::string(message);
  std::size_t end = longest - 3;
  // Not in the middle of a character of UTF-8.
  while ((static_cast<unsigned char>(message[end]) & 0xC0U) == 0x80U) --end;
  return std::string(message.substr(0, end)) + "…";
}

}  // namespace tenfold
