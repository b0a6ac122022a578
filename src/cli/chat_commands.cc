#include "cli/chat_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "cli/help.h"
#include "cli/numbers.h"
#include "cli/secrets.h"
#include "engine/sampling.h"

namespace tenfold {
namespace {

Result<std::int64_t> parse_id(const std::string& text) {
  return parse_integer("the number of a conversation", text, 1, 1e15);
}

Result<void> help(ChatSession& session, const std::string&) {
  for (const ChatCommand& command : chat_command_table()) {
    session.console().line(fmt::format(
        "  {:<24} {}", fmt::format("{} {}", command.name, command.word_name), command.help));
  }
  session.console().line(
      "Anything else is said to the model. \\ at the end of a line, or lines between \"\"\" and "
      "\"\"\",\nmake one message of several lines. Ctrl-C stops an answer.");
  return {};
}

Result<void> start_new(ChatSession& session, const std::string&) {
  session.start_new();
  session.console().note("new conversation");
  return {};
}

Result<void> list(ChatSession& session, const std::string&) {
  for (const ConversationSummary& each : TRY(session.store().list())) {
    const std::time_t time = each.info.updated;
    std::tm local{};
    ::localtime_r(&time, &local);
    char date[20];
    std::strftime(date, sizeof date, "%Y-%m-%d %H:%M", &local);
    session.console().line(fmt::format("{} {:>4}  {}  {:>3} messages  {}",
                                       each.info.id == session.conversation().id ? '*' : ' ',
                                       each.info.id, date, each.messages, each.info.title));
  }
  return {};
}

Result<void> open(ChatSession& session, const std::string& rest) {
  TRY(session.open_conversation(TRY(parse_id(rest))));
  const Conversation& conversation = session.conversation();
  for (const ChatMessage* message : branch_of(conversation, conversation.head)) {
    const std::string mark = message->state == MessageState::complete    ? ""
                             : message->state == MessageState::cancelled ? " (stopped)"
                             : message->state == MessageState::running   ? " (is being written)"
                                                                         : " (failed)";
    session.console().line(fmt::format("{}{}: {}", message->role, mark, message->content));
  }
  const std::string model = session.settings().text("model").value_or("");
  if (session.conversation().model != model) {
    session.console().note(fmt::format("this conversation was with {}; now it goes on with {}",
                                       session.conversation().model, model));
  }
  return {};
}

Result<void> remove(ChatSession& session, const std::string& rest) {
  const std::int64_t id = TRY(parse_id(rest));
  TRY(session.delete_conversation(id));
  session.console().note(fmt::format("conversation {} is deleted", id));
  return {};
}

Result<void> system(ChatSession& session, const std::string& rest) {
  return session.set_system(rest);
}

Result<void> model(ChatSession& session, const std::string& rest) {
  return session.set(*find_option("model"), rest);
}

Result<void> engine(ChatSession& session, const std::string& rest) {
  return session.set(*find_option("engine"), rest);
}

bool can_be_set(const Option& option) {
  return (option.commands & in_chat) != 0 && option.scope == OptionScope::everywhere &&
         option.name != "system";
}

struct OptionText {
  std::string name;
  std::string text;
};

OptionText split_option(const std::string& rest) {
  const std::size_t space = rest.find(' ');
  return {rest.substr(0, space), space == std::string::npos ? "" : rest.substr(space + 1)};
}

Result<void> set(ChatSession& session, const std::string& rest) {
  const auto [name, text] = split_option(rest);
  const Option* option = find_option(name);
  if (option == nullptr || !can_be_set(*option)) {
    return fail(ErrorCode::invalid_argument, fmt::format("there is no option \"{}\" to set", name),
                "/show lists them");
  }
  return session.set(*option, text);
}

/// The value of an option that nobody set: "0.2 (the model's own)"; empty if it has none.
std::string unset_value(const Json& sampling, const Option& option) {
  const auto decided = sampling.find(config_key(option));
  if (decided == sampling.end()) return {};
  const auto from = (*decided)["from"].get<std::string>();
  return fmt::format("{} ({})", (*decided)["value"].dump(),
                     from == to_string(SamplingSource::model) ? "the model's own" : from);
}

Result<void> show(ChatSession& session, const std::string&) {
  Console& console = session.console();
  Json sampling = Json::object();
  if (const OpenedModel& opened = session.opened(); opened.engine != nullptr) {
    const SamplingLayer layers[] = {{SamplingSource::preset, session.preset()},
                                    {SamplingSource::model, opened.info.sampling}};
    sampling = explain_sampling(layers, opened.engine->capabilities().request_options);
  }
  for (const Option& option : option_table()) {
    if (!can_be_set(option)) continue;
    const std::string set = session.settings().shown(option);
    console.line(
        fmt::format("  {:<20} {}", option.name, set.empty() ? unset_value(sampling, option) : set));
  }
  console.line(fmt::format("  {:<20} {}", "system",
                           session.conversation().system.value_or("(that of the model)")));
  const Result<PreparedPrompt> prompt = session.last_prompt();
  if (!prompt.ok() && prompt.error().code == ErrorCode::not_found) return {};
  const PreparedPrompt prepared = TRY(prompt);
  console.line(fmt::format("\nThe last prompt as the model saw it:\n{}\n\nIts {} tokens:\n{}",
                           prepared.text, prepared.tokens.size(), fmt::join(prepared.tokens, " ")));
  return {};
}

Result<void> regenerate(ChatSession& session, const std::string&) { return session.regenerate(); }

Result<void> stats(ChatSession& session, const std::string&) {
  const std::optional<Answer>& answer = session.last_answer();
  if (!answer) return fail(ErrorCode::not_found, "there is no answer yet");
  session.console().line(usage_line(answer->usage));
  session.console().line(fmt::format("seed {} · ended by {} · model loaded in {:.2f} s",
                                     answer->seed, to_string(answer->finish),
                                     session.opened().info.load_seconds));
  return {};
}

constexpr auto chat_commands = std::to_array<ChatCommand>({
    {"/help", "", "show this list", &help},
    {"/new", "", "start another conversation", &start_new},
    {"/list", "", "list the conversations", &list},
    {"/open", "ID", "go on with another conversation", &open},
    {"/delete", "ID", "delete a conversation", &remove},
    {"/system", "[TEXT]", "set the system message; without TEXT, remove it", &system},
    {"/model", "NAME|PATH", "load another model", &model},
    {"/engine", "[ID]", "use another engine; without ID, the one for the format", &engine},
    {"/set", "OPTION [VALUE]", "set an option; without VALUE, its default", &set},
    {"/show", "", "show the options and the last prompt as the model saw it", &show},
    {"/regenerate", "", "ask again; the last answer is kept as another branch", &regenerate},
    {"/stats", "", "show the speed and memory of the last answer", &stats},
    {"/exit", "", "leave; so does Ctrl-D", nullptr},
});

}  // namespace

std::span<const ChatCommand> chat_command_table() { return chat_commands; }

ChatCommandLine split_chat_command(const std::string& line) {
  const std::size_t space = line.find_first_of(" \t\n");
  if (space == std::string::npos) return {line, ""};
  const std::size_t start = line.find_first_not_of(" \t\n", space);
  if (start == std::string::npos) return {line.substr(0, space), ""};
  return {line.substr(0, space), line.substr(start, line.find_last_not_of(" \t\n") + 1 - start)};
}

bool holds_secret(const ChatCommandLine& line) {
  if (line.name != "/set") return false;
  const auto [name, text] = split_option(line.rest);
  const Option* option = find_option(name);
  return option != nullptr && holds_secret(*option, text);
}

Result<void> run_chat_command(ChatSession& session, const ChatCommandLine& line) {
  const auto command = std::ranges::find(chat_commands, line.name, &ChatCommand::name);
  if (command == chat_commands.end() || command->run == nullptr) {
    return fail(ErrorCode::invalid_argument, fmt::format("there is no command {}", line.name),
                "/help lists them");
  }
  const bool needed = !command->word_name.empty() && !command->word_name.starts_with('[');
  if (needed && line.rest.empty()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} needs {}", command->name, command->word_name));
  }
  if (command->word_name.empty() && !line.rest.empty()) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} takes nothing more", command->name));
  }
  return command->run(session, line.rest);
}

}  // namespace tenfold
