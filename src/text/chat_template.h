// Chat templates: the model's own Jinja source rendered by minijinja (src/text/rust).
#pragma once

#include <memory>
#include <string>

#include "tenfold/prompt.h"
#include "tenfold/request.h"
#include "tenfold/result.h"
#include "text/reasoning.h"
#include "text/tool_form.h"

namespace tenfold {

struct TemplateContext {
  std::string bos_token;
  std::string eos_token;
  bool add_generation_prompt = true;
  Thinking thinking = {};
};

/// A compiled template. Immutable and thread-safe.
class ChatTemplate {
 public:
  /// bad_model with the line of the fault if `source` is not valid Jinja.
  static Result<ChatTemplate> create(const std::string& source);

  /// The prompt text of a conversation that has passed check_conversation(). When the last message
  /// has the role "assistant" it is left open, so that the model continues it. invalid_argument
  /// carries the template's own raise_exception() message, if it takes none of the forms of the
  /// conversation in text/folding.h either.
  ///
  /// Thinking is switched by the template's own variable where it has one (enable_thinking,
  /// thinking, reasoning_effort, thinking_budget and their like); else the prompt ends in an open
  /// thought, or in a closed one.
  ///
  /// Tools and calls are given to a template that knows tools in a form we read; for any other they
  /// are written into the messages (text/tool_messages.h).
  [[nodiscard]] Result<std::string> render(const ChatPrompt& chat,
                                           const TemplateContext& context) const;

  /// How the model will write calls.
  [[nodiscard]] const ToolForm& tool_form() const;

  /// How the model marks its thoughts; nullptr: its template shows none.
  [[nodiscard]] const ThoughtForm* thought_form() const;

 private:
  struct Handle;
  explicit ChatTemplate(std::shared_ptr<const Handle> handle) : handle_(std::move(handle)) {}
  std::shared_ptr<const Handle> handle_;
};

}  // namespace tenfold
