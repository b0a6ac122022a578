// A model in memory with everything the generation core remembers about it.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "generation/batcher.h"
#include "generation/prompt_builder.h"
#include "generation/sequence_pool.h"
#include "tenfold/token_model.h"
#include "text/constraint.h"

namespace tenfold {

/// Thread-safe.
class CoreModel {
 public:
  CoreModel(std::unique_ptr<TokenModel> loaded, Sampling own, bool temperature_first)
      : model_(std::move(loaded)),
        sampling(std::move(own)),
        temperature_first(temperature_first),
        batcher(*model_),
        sequences(batcher, model_->max_sequences()),
        prompts(*model_) {}

  [[nodiscard]] const ModelInfo& info() const { return model_->info(); }
  [[nodiscard]] const Tokenizer& tokenizer() const { return model_->tokenizer(); }

  /// Made by the first constraint.
  Result<const ConstraintVocabulary*> constraint_vocabulary() {
    const std::lock_guard lock(mutex_);
    if (!vocabulary_) vocabulary_ = TRY(ConstraintVocabulary::create(tokenizer()));
    return &*vocabulary_;
  }

 private:
  std::unique_ptr<TokenModel> model_;
  std::mutex mutex_;
  std::optional<ConstraintVocabulary> vocabulary_;

 public:
  const Sampling sampling;  ///< what the model's publisher recommends
  const bool temperature_first;
  Batcher batcher;  ///< the only way to the model's KV cache
  SequencePool sequences;
  PromptBuilder prompts;
};

}  // namespace tenfold
