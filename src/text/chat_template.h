// Chat templates: the model's own Jinja source rendered by minijinja (src/text/rust).
#pragma once

#include <memory>
#include <string>

#include "tenfold/prompt.h"
#include "tenfold/result.h"
#include "text/tool_form.h"

namespace tenfold {

struct TemplateContext {
  std::string bos_token;
  std::string eos_token;
  bool add_generation_prompt = true;
};

/// A compiled template. Immutable and thread-safe.
class ChatTemplate {
 public:
  /// bad_model with the line of the fault if `source` is not valid Jinja.
  static Result<ChatTemplate> create(const std::string& source);

  /// The prompt text of a conversation that has passed check_conversation(). When the last message
  /// has the role "assistant" it is left open, so that the model continues it. invalid_argument
  /// carries the template's own raise_exception() message.
  ///
  /// Tools and calls are given to a template that knows tools in a form we read; for any other they
  /// are written into the messages (text/tool_messages.h).
  [[nodiscard]] Result<std::string> render(const ChatPrompt& chat,
                                           const TemplateContext& context) const;

  /// How the model will write calls.
  [[nodiscard]] const ToolForm& tool_form() const;

 private:
  struct Handle;
  explicit ChatTemplate(std::shared_ptr<const Handle> handle) : handle_(std::move(handle)) {}
  std::shared_ptr<const Handle> handle_;
};

}  // namespace tenfold
