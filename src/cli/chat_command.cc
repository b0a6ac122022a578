// tenfold chat: reads lines and hands them to the session.
#include <fmt/format.h>

#include "base/files.h"
#include "base/paths.h"
#include "cli/chat_commands.h"
#include "cli/command.h"
#include "cli/input_assembler.h"
#include "cli/line_reader.h"
#include "cli/request_settings.h"

namespace tenfold {
namespace {

/// The conversation to go on with; 0 for a new one.
Result<std::int64_t> conversation_to_open(const Settings& settings, ChatStore& store) {
  const std::optional<std::int64_t> id = settings.integer("conversation");
  if (!settings.flag("continue")) return id.value_or(0);
  if (id) {
    return fail(ErrorCode::invalid_argument,
                "only one of --continue and --conversation can be given");
  }
  const std::vector<ConversationSummary> all = TRY(store.list());
  if (all.empty()) {
    return fail(ErrorCode::invalid_argument, "there is no conversation to continue",
                "start one with: tenfold chat");
  }
  return all[0].info.id;
}

/// A conversation brings its model, unless the command line names another.
Result<void> take_model_of(std::int64_t id, CommandContext& context, ChatStore& store) {
  Result<Conversation> conversation = store.load(id);
  if (!conversation.ok() && conversation.error().code == ErrorCode::not_found) {
    conversation.error().code = ErrorCode::invalid_argument;  // a wrong number, not a missing model
  }
  const std::string model = TRY(std::move(conversation)).model;
  if (context.given.contains("model")) return {};
  return context.settings.set(*find_option("model"), "the conversation's model", model);
}

/// Opens the conversation and the model.
Result<void> prepare(ChatSession& session, CommandContext& context, std::int64_t id) {
  if (id != 0) TRY(session.open_conversation(id));
  if (id == 0 || context.given.contains("system")) {
    TRY(session.set_system(system_message(context.store, context.settings)));
  }
  return session.open();
}

/// Says what is wrong and goes on: one failure does not end a chat.
void report(const Result<void>& result, Console& console) {
  if (!result.ok()) console.error(result.error());
}

ExitCode talk(ChatSession& session, LineReader& reader, Console& console) {
  InputAssembler assembler;
  bool leaving = false;
  while (true) {
    const ReadLine read = reader.read(assembler.pending() ? "… " : "> ");
    if (read.kind == ReadLine::Kind::end) return ExitCode::ok;
    if (read.kind == ReadLine::Kind::interrupted) {
      if (leaving) return ExitCode::interrupted;
      leaving = true;
      assembler.clear();
      console.note("press Ctrl-C again to leave");
      continue;
    }
    leaving = false;
    const std::optional<std::string> input = assembler.push(read.text);
    if (!input || input->find_first_not_of(" \t\n") == std::string::npos) continue;
    if (!is_valid_utf8(*input)) {
      console.note("tenfold: what you typed is not valid UTF-8");
      continue;
    }
    const bool command = input->starts_with('/');
    const ChatCommandLine line = split_chat_command(*input);
    if (!command || !holds_secret(line)) reader.remember(*input);
    if (command && line.name == "/exit") return ExitCode::ok;
    report(command ? run_chat_command(session, line) : session.ask(*input), console);
  }
}

}  // namespace

Result<ExitCode> chat_command(CommandContext& context) {
  Console& console = context.console;
  TRY(request_from(context.settings));
  ChatStore store = TRY(ChatStore::open((data_folder() / "conversations.db").string()));
  const std::int64_t id = TRY(conversation_to_open(context.settings, store));
  if (id != 0) TRY(take_model_of(id, context, store));
  Interrupts interrupts;
  ChatSession session(context.settings, console, interrupts, context.store,
                      context.source.config_path, std::move(store));
  TRY(prepare(session, context, id));
  if (console.stdin_is_terminal()) console.note("/help lists the commands; Ctrl-D leaves");
  const std::unique_ptr<LineReader> reader =
      make_line_reader(console, interrupts, (data_folder() / "chat_history").string());
  const ExitCode code = talk(session, *reader, console);
  session.close();
  return code;
}

}  // namespace tenfold
