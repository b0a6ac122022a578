#include "text/chat_template.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "text/rust_handle.h"

namespace tenfold {
namespace {

/// Stands after the content of a message that is to be continued, to find where the template put
/// it; the method, and the trailing space that tells whether the template trims content, are those
/// of transformers' continue_final_message.
constexpr std::string_view continue_mark = "CONTINUE_FINAL_MESSAGE_TAG";

Result<std::string> context_json(const std::vector<Message>& messages,
                                 const TemplateContext& context, bool continues) {
  auto list = nlohmann::ordered_json::array();
  for (const Message& message : messages) {
    if (!is_valid_utf8(message.role) || !is_valid_utf8(message.content)) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("message {} is not valid UTF-8.", list.size() + 1),
                  "Convert the text to UTF-8.");
    }
    list.push_back({{"role", message.role}, {"content", message.content}});
  }
  if (continues) {
    list.back()["content"] = messages.back().content + std::string(continue_mark) + " ";
  }
  // transformers always defines `tools` and `documents`, and templates rely on it.
  const nlohmann::ordered_json variables = {
      {"messages", std::move(list)},
      {"tools", nullptr},
      {"documents", nullptr},
      {"add_generation_prompt", context.add_generation_prompt && !continues},
      {"bos_token", context.bos_token},
      {"eos_token", context.eos_token},
  };
  // A vocabulary may hold tokens that are not UTF-8; in a prompt they would be replaced anyway.
  return variables.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// Cuts what the template put after the content of the last message.
Result<std::string> left_open(std::string rendered) {
  const std::size_t mark = rendered.rfind(continue_mark);
  if (mark == std::string::npos) {
    return fail(ErrorCode::invalid_argument,
                "the chat template does not show the last assistant message, so it cannot be "
                "continued.",
                "End the conversation with a user message.");
  }
  const bool content_was_trimmed = rendered.compare(mark + continue_mark.size(), 1, " ") != 0;
  rendered.resize(mark);
  if (content_was_trimmed) rendered.resize(rendered.find_last_not_of(" \t\r\n") + 1);
  return rendered;
}

}  // namespace

struct ChatTemplate::Handle {
  RustPointer<TenfoldTemplate, tenfold_template_free> compiled;
};

Result<ChatTemplate> ChatTemplate::create(const std::string& source) {
  TenfoldBytes error{};
  const RustCall call;
  auto handle = std::make_shared<Handle>();
  handle->compiled.reset(tenfold_template_compile(rust_view(source), &error));
  if (handle->compiled == nullptr) {
    return fail(ErrorCode::bad_model,
                "the model's chat template is not valid Jinja: " + take_rust_bytes(error) + ".",
                "Use another build of this model, or give the prompt as plain text.");
  }
  return ChatTemplate(std::move(handle));
}

Result<std::string> ChatTemplate::render(const std::vector<Message>& messages,
                                         const TemplateContext& context) const {
  if (messages.empty()) {
    return fail(ErrorCode::invalid_argument, "the conversation has no message.",
                "Give at least one user message.");
  }
  const bool continues = messages.back().role == "assistant";
  const std::string variables = TRY(context_json(messages, context, continues));
  TenfoldBytes bytes{};
  const RustCall call;
  const auto status =
      tenfold_template_render(handle_->compiled.get(), rust_view(variables), &bytes);
  std::string text = take_rust_bytes(bytes);
  switch (status) {
    case tenfold_render_ok:
      return continues ? left_open(std::move(text)) : std::move(text);
    case tenfold_render_refused:
      return fail(ErrorCode::invalid_argument,
                  "the model's chat template refused the conversation: " + text,
                  "Change the roles or the order of the messages.");
    case tenfold_render_broken:
      break;
  }
  return fail(ErrorCode::bad_model, "the model's chat template failed at " + text + ".",
              "Use another build of this model, or give the prompt as plain text.");
}

}  // namespace tenfold
