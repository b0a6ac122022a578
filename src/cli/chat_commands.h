// The /commands of a chat: one table, from which /help comes.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/chat_session.h"

namespace tenfold {

struct ChatCommand {
  std::string_view name;       ///< with its slash
  std::string_view word_name;  ///< what follows it, e.g. "ID"; in brackets if it may be left out
  std::string_view help;
  Result<void> (*run)(ChatSession& session, const std::string& rest);
};

std::span<const ChatCommand> chat_command_table();

/// A /command as typed, split at the first space.
struct ChatCommandLine {
  std::string name;
  std::string rest;
};
ChatCommandLine split_chat_command(const std::string& line);

/// Whether a secret stands in it, which no history may have.
bool holds_secret(const ChatCommandLine& line);

/// Runs it; invalid_argument for an unknown one or a missing argument.
Result<void> run_chat_command(ChatSession& session, const ChatCommandLine& line);

}  // namespace tenfold
