// Chat templates: the model's own Jinja source rendered by minijinja (src/text/rust).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tenfold/request.h"
#include "tenfold/result.h"

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

  /// The prompt text. When the last message has the role "assistant" it is left open, so that the
  /// model continues it. invalid_argument carries the template's own raise_exception() message.
  [[nodiscard]] Result<std::string> render(const std::vector<Message>& messages,
                                           const TemplateContext& context) const;

 private:
  struct Handle;
  explicit ChatTemplate(std::shared_ptr<const Handle> handle) : handle_(std::move(handle)) {}
  std::shared_ptr<const Handle> handle_;
};

}  // namespace tenfold
