#include "cli/chat_session.h"

#include <fmt/format.h>

#include "cli/answer_printer.h"
#include "cli/presets.h"
#include "cli/request_settings.h"
#include "service/service.h"

namespace tenfold {
namespace {

/// Every option that acts when a model is opened also serves `bench` and `score`; those that act on
/// an answer do not serve `score`.
bool acts_on_loading(const Option& option) { return (option.commands & in_score) != 0; }

MessageState state_of(FinishReason reason) {
  return reason == FinishReason::cancelled ? MessageState::cancelled : MessageState::complete;
}

}  // namespace

Result<void> ChatSession::open() {
  // Two models at once could need more memory than there is.
  close();
  opened_ = TRY(open_model(models_, settings_, console_, interrupts_));
  console_.note(fmt::format("{} · {} {} · context {} tokens · {} threads", opened_.info.description,
                            opened_.engine->name(), opened_.engine->capabilities().version,
                            opened_.info.context_size, opened_.info.threads));
  conversation_.model = settings_.text("model").value_or("");
  return conversation_.id == 0 ? Result<void>() : store_.change(conversation_);
}

void ChatSession::close() { close_model(opened_, console_, interrupts_); }

Result<void> ChatSession::set(const Option& option, const std::string& text) {
  Settings changed = settings_;
  TRY(changed.set(option, "/set " + std::string(option.name), text));
  TRY(request_from(changed));
  if (!acts_on_loading(option)) {
    settings_ = std::move(changed);
    return {};
  }
  TRY(choose_engine(models_, changed.text("model").value_or(""),
                    changed.text("engine").value_or("")));
  std::swap(settings_, changed);
  Result<void> result = open();
  if (result.ok()) return {};
  std::swap(settings_, changed);
  console_.error(result.error());
  return open();
}

void ChatSession::start_new() {
  ConversationInfo next;
  next.model = conversation_.model;
  next.system = conversation_.system;
  conversation_ = {std::move(next), {}};
}

Result<void> ChatSession::open_conversation(std::int64_t id) {
  conversation_ = TRY(store_.load(id));
  last_prompt_.clear();
  return {};
}

Result<void> ChatSession::delete_conversation(std::int64_t id) {
  TRY(store_.remove(id));
  if (conversation_.id == id) start_new();
  return {};
}

Result<void> ChatSession::set_system(const std::string& text) {
  conversation_.system = text;
  return conversation_.id == 0 ? Result<void>() : store_.change(conversation_);
}

Sampling ChatSession::preset() {
  return model_preset(models_, config_path_, settings_.text("model").value_or(""));
}

Result<PreparedPrompt> ChatSession::last_prompt() {
  if (last_prompt_.empty()) {
    return fail(ErrorCode::not_found, "nothing was asked yet in this conversation");
  }
  return opened_.engine->prepare(last_prompt_);
}

Result<void> ChatSession::keep(ChatMessage message) {
  if (conversation_.id == 0) conversation_.id = TRY(store_.create(conversation_));
  message.parent = conversation_.head;
  TRY(store_.append(conversation_.id, message));
  conversation_.head = message.id;
  conversation_.messages.push_back(std::move(message));
  return {};
}

Result<void> ChatSession::ask(const std::string& question) {
  TRY(keep({"user", question}));
  return answer();
}

Result<void> ChatSession::regenerate() {
  const auto branch = branch_of(conversation_, conversation_.head);
  if (branch.empty()) {
    return fail(ErrorCode::not_found, "nothing was asked yet in this conversation");
  }
  if (branch.back()->role == "assistant") conversation_.head = branch.back()->parent;
  return answer();
}

Result<void> ChatSession::answer() {
  if (opened_.engine == nullptr) {
    return fail(ErrorCode::not_initialized, "no model is loaded", "choose one with /model NAME");
  }
  Request request = TRY(request_from(settings_));
  fill_sampling(request.sampling, preset());
  last_prompt_ = prompt_messages(conversation_.system.value_or(system_message(models_, settings_)),
                                 branch_of(conversation_, conversation_.head));
  request.prompt = last_prompt_;
  ChatMessage message{"assistant", ""};
  message.model = conversation_.model;
  message.engine = opened_.engine->name();
  message.engine_version = opened_.engine->capabilities().version;
  AnswerPrinter printer(console_, settings_.flag("show-reasoning"));
  const Result<Answer> result = [&] {
    const InterruptScope scope(interrupts_, [&] { opened_.engine->cancel(); });
    const auto look = [&] {
      if (scope.interrupted()) opened_.engine->cancel();  // it came before the answer began
    };
    const auto on_delta = [&](const Delta& delta) {
      printer.add(delta);
      look();
      message.content += delta.text;
      message.reasoning += delta.reasoning;
    };
    const auto on_prompt = [&](const PromptProgress& progress) {
      printer.read(progress);
      look();
    };
    return opened_.engine->stream(request, on_delta, {{}, on_prompt});
  }();
  printer.finish();
  if (!result.ok()) {
    message.state = MessageState::failed;
    message.error = result.error();
    TRY(keep(std::move(message)));
    return result.error();
  }
  last_answer_ = result.value();
  message.content = last_answer_->text;
  message.reasoning = last_answer_->reasoning;
  message.tool_calls = last_answer_->tool_calls;
  message.state = state_of(last_answer_->finish);
  message.finish_reason = to_string(last_answer_->finish);
  message.seed = last_answer_->seed;
  message.usage = last_answer_->usage;
  TRY(keep(std::move(message)));
  if (const std::string note = finish_note(last_answer_->finish); !note.empty()) {
    console_.note("tenfold: " + note);
  }
  return {};
}

}  // namespace tenfold
