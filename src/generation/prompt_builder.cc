#include "generation/prompt_builder.h"

#include <utility>
#include <variant>

#include "base/files.h"
#include "engine/json.h"

namespace tenfold {

Result<PreparedPrompt> PromptBuilder::prepare(const Prompt& prompt, const Thinking& thinking) {
  PreparedPrompt prepared =
      TRY(std::visit([&](const auto& value) { return from(value, thinking); }, prompt));
  if (prepared.tokens.empty()) {
    return fail(ErrorCode::invalid_argument, "the prompt is empty: it has no tokens",
                "write a question or some text for the model to continue");
  }
  return prepared;
}

Result<PreparedPrompt> PromptBuilder::from(const ChatPrompt& chat, const Thinking& thinking) {
  TRY(check_conversation(chat));
  const ChatTemplate* chat_template = TRY(this->chat_template());
  const Tokenizer& tokenizer = model_.tokenizer();
  PreparedPrompt prepared;
  prepared.text = TRY(
      chat_template->render(chat, {tokenizer.bos_text(), tokenizer.eos_text(), true, thinking}));
  prepared.tokens = TRY(tokenizer.encode(prepared.text, false, true));
  return prepared;
}

const ThoughtForm& PromptBuilder::thought_form(const Prompt& prompt) const {
  const bool is_chat = std::holds_alternative<ChatPrompt>(prompt);
  const ThoughtForm* form = is_chat ? template_->thought_form() : nullptr;
  return form == nullptr ? usual_thought_form() : *form;
}

Result<const ChatTemplate*> PromptBuilder::chat_template() {
  const std::lock_guard lock(mutex_);
  if (template_) return &*template_;
  const std::string& source = model_.info().chat_template;
  if (source.empty()) {
    return fail(ErrorCode::unsupported,
                "this model has no chat template, so it cannot answer messages",
                "Give the prompt as plain text for the model to continue (on the command line: "
                "--raw), or use a chat or instruct version of the model.");
  }
  template_ = TRY(ChatTemplate::create(source));
  return &*template_;
}

Result<PreparedPrompt> PromptBuilder::from(const std::string& text, const Thinking&) const {
  if (!is_valid_utf8(text)) {
    return fail(ErrorCode::invalid_argument, "the prompt is not valid UTF-8",
                "convert it to UTF-8, for example with iconv");
  }
  auto tokens = TRY(model_.tokenizer().encode(text, true, true));
  return PreparedPrompt{text, std::move(tokens)};
}

Result<PreparedPrompt> PromptBuilder::from(const std::vector<TokenId>& tokens,
                                           const Thinking&) const {
  TRY(check_token_ids(tokens, model_.info()));
  return PreparedPrompt{{}, tokens};
}

Result<void> check_token_ids(std::span<const TokenId> tokens, const ModelInfo& info) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] >= 0 && tokens[i] < info.vocabulary_size) continue;
    return fail(
        ErrorCode::invalid_argument,
        "token " + std::to_string(tokens[i]) + " at position " + std::to_string(i) +
            " is not in the vocabulary",
        "Token ids of this model are 0 to " + std::to_string(info.vocabulary_size - 1) + ".");
  }
  return {};
}

}  // namespace tenfold
