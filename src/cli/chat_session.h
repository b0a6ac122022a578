// One run of `tenfold chat`: the loaded model, the conversation, and what can be done with them.
#pragma once

#include <optional>
#include <string>

#include "chat/store.h"
#include "cli/console.h"
#include "cli/interrupts.h"
#include "cli/open_model.h"
#include "cli/settings.h"

namespace tenfold {

/// Not thread-safe. Errors leave the session usable.
class ChatSession {
 public:
  ChatSession(Settings settings, Console& console, Interrupts& interrupts, ModelStore models,
              std::string config_path, ChatStore store)
      : settings_(std::move(settings)),
        console_(console),
        interrupts_(interrupts),
        models_(std::move(models)),
        config_path_(std::move(config_path)),
        store_(std::move(store)) {}

  /// Loads the model the settings name.
  Result<void> open();
  /// Lets the model go, with what is to be kept of it saved.
  void close();
  /// Sets an option, for this and later answers; one that acts on loading loads the model anew. If
  /// that fails, the old model is loaded again and the option keeps its old value.
  Result<void> set(const Option& option, const std::string& text);

  /// Asks and prints the answer. The question is stored before, the answer after, whatever came of
  /// it: an answer that was stopped or failed is kept with what had come and marked so.
  Result<void> ask(const std::string& question);
  /// Asks again; the last answer stays as another branch.
  Result<void> regenerate();

  /// Leaves the conversation; the next question begins another.
  void start_new();
  Result<void> open_conversation(std::int64_t id);
  Result<void> delete_conversation(std::int64_t id);
  Result<void> set_system(const std::string& text);

  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] const Conversation& conversation() const { return conversation_; }
  [[nodiscard]] const OpenedModel& opened() const { return opened_; }
  [[nodiscard]] const std::optional<Answer>& last_answer() const { return last_answer_; }
  [[nodiscard]] ChatStore& store() { return store_; }
  [[nodiscard]] Console& console() { return console_; }
  /// Of the loaded model.
  [[nodiscard]] Sampling preset();
  /// The last prompt as the model saw it: text and tokens. not_found before the first question.
  Result<PreparedPrompt> last_prompt();

 private:
  Result<void> answer();
  Result<void> keep(ChatMessage message);

  Settings settings_;
  Console& console_;
  Interrupts& interrupts_;
  ModelStore models_;
  std::string config_path_;
  ChatStore store_;
  Conversation conversation_;  ///< id 0: not stored yet
  OpenedModel opened_;
  std::vector<Message> last_prompt_;
  std::optional<Answer> last_answer_;
};

}  // namespace tenfold
