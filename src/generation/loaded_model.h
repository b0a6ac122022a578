// A model in memory with everything the generation core remembers about it.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "generation/cached_sequence.h"
#include "generation/prompt_builder.h"
#include "tenfold/token_model.h"
#include "text/constraint.h"

namespace tenfold {

struct LoadedModel {
  explicit LoadedModel(std::unique_ptr<TokenModel> loaded)
      : model(std::move(loaded)), sequence(*model, 0), prompts(*model) {}

  std::unique_ptr<TokenModel> model;
  CachedSequence sequence;
  PromptBuilder prompts;
  std::optional<ConstraintVocabulary> constraint_vocabulary;  ///< made by the first constraint
};

}  // namespace tenfold
