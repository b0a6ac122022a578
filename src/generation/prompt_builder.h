// From a prompt (messages, text or token ids) to the tokens the model sees.
#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tenfold/engine.h"
#include "tenfold/request.h"
#include "tenfold/result.h"
#include "tenfold/token_model.h"
#include "text/chat_template.h"

namespace tenfold {

/// Thread-safe; the model outlives it.
class PromptBuilder {
 public:
  explicit PromptBuilder(const TokenModel& model) : model_(model) {}

  /// - Messages: rendered by the model's chat template, which also writes BOS, then tokenized with
  ///   special tokens recognised. unsupported if the model has no template; the template is
  ///   compiled at the first use, so a faulty one is no error for other prompts.
  /// - Text: tokenized with the model's BOS rule. Special tokens written in the text
  ///   ("<|im_start|>") are recognised, so that a hand-made chat prompt works, as in llama.cpp.
  /// - Token ids: unchanged.
  /// invalid_argument for text that is not UTF-8, ids outside the vocabulary or a prompt without
  /// tokens.
  Result<PreparedPrompt> prepare(const Prompt& prompt, const Thinking& thinking = {});

  /// How the model writes calls; after a conversation was prepared.
  [[nodiscard]] const ToolForm& tool_form() const { return template_->tool_form(); }

  /// How the model marks its thoughts. Of a model whose template shows none, and of prompts that
  /// are no conversation, the usual way.
  [[nodiscard]] const ThoughtForm& thought_form(const Prompt& prompt) const;

 private:
  Result<PreparedPrompt> from(const ChatPrompt& chat, const Thinking& thinking);
  Result<const ChatTemplate*> chat_template();
  Result<PreparedPrompt> from(const std::string& text, const Thinking& thinking) const;
  Result<PreparedPrompt> from(const std::vector<TokenId>& tokens, const Thinking& thinking) const;

  const TokenModel& model_;
  std::mutex mutex_;  ///< guards the making of the template
  std::optional<ChatTemplate> template_;
};

/// invalid_argument naming the first id outside the model's vocabulary.
Result<void> check_token_ids(std::span<const TokenId> tokens, const ModelInfo& info);

}  // namespace tenfold
