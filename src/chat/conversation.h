// Conversations: trees of messages. Several messages with one parent are branches of it: edited
// questions, or other answers to the same one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json.h"
#include "tenfold/request.h"

namespace tenfold {

/// How a message came to its end.
enum class MessageState {
  complete,
  cancelled,  ///< the user stopped the answer; the text is what had come
  failed,     ///< the engine failed; the text is what had come
  running,    ///< the answer is being written; the text is what was saved last
};
std::string_view to_string(MessageState state);
std::optional<MessageState> message_state_from(std::string_view name);

/// A text file that goes before the message.
struct Attachment {
  std::string name;
  std::string text;
};

struct ChatMessage {
  std::string role;  ///< "user", "assistant" or "tool"
  std::string content;
  std::string reasoning = {};
  MessageState state = MessageState::complete;
  std::int64_t id = 0;                      ///< 0: not stored yet; unique among all conversations
  std::optional<std::int64_t> parent = {};  ///< absent: a first message
  std::vector<ToolCall> tool_calls = {};
  std::string tool_call_id = {};  ///< of a tool: the call whose result this is
  std::vector<Attachment> attachments = {};
  std::int64_t created = 0;  ///< seconds since 1970

  // Of an answer.
  std::string model = {};
  std::string engine = {};
  std::string engine_version = {};
  std::string finish_reason = {};  ///< empty: it has not ended as an answer
  std::optional<std::uint64_t> seed = {};
  std::optional<Usage> usage = {};
  std::optional<Error> error = {};
};

/// All of a conversation but its messages.
struct ConversationInfo {
  std::int64_t id = 0;
  std::string title = {};  ///< made from the first message unless given
  bool pinned = false;
  std::string model = {};                    ///< as the user named it; empty: the default one
  std::string engine = {};                   ///< id; empty: the first that opens the model
  std::optional<std::string> system = {};    ///< absent: the model's own; empty: none
  Json settings = Json::object();            ///< see read_generation()
  std::string draft = {};                    ///< what was typed and not sent
  std::optional<std::int64_t> head = {};     ///< the last message of the branch that is shown
  std::int64_t created = 0;                  ///< seconds since 1970
  std::int64_t updated = 0;                  ///< seconds since 1970
  std::optional<std::int64_t> deleted = {};  ///< seconds since 1970; absent: it is not
};

struct Conversation : ConversationInfo {
  std::vector<ChatMessage> messages = {};  ///< of all branches, parents before children
};

struct ConversationSummary {
  ConversationInfo info;  ///< without system, settings and draft
  int messages = 0;
  std::string snippet = {};  ///< what a search found, with what stands around it
};

/// The messages from a first one to `leaf`; empty for an absent or unknown one.
std::vector<const ChatMessage*> branch_of(const Conversation& conversation,
                                          std::optional<std::int64_t> leaf);

/// What the model is given: the system message and the exchanges so far. A question whose answer
/// is missing or has no text is left out unless it is the last message, because chat templates
/// want the roles to alternate.
std::vector<Message> prompt_messages(const std::string& system,
                                     std::span<const ChatMessage* const> branch);

/// The start of a message as a title: its first line with text, at most 80 bytes.
std::string title_of(std::string_view message);

}  // namespace tenfold
