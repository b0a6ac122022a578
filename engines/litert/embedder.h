// The model beside a language model that makes of token ids what that takes in their place.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "compiled_model.h"
#include "formats/litert_embedder.h"
#include "tenfold/request.h"

namespace tenfold::litert {

/// Not thread-safe.
class Embedder {
 public:
  /// `graph`: of this file's signatures. A lookup is too little work for more than one thread.
  static Result<Embedder> create(ModelFile file, EmbedderGraph graph);

  /// Writes `count` rows of floats: those of `tokens`, which are no more, then that of token 0.
  Result<void> embed(std::span<const TokenId> tokens, std::size_t count, float* rows);

 private:
  struct Bound {
    Buffer input;
    Buffer output;
  };

  Embedder(CompiledModel model, EmbedderGraph graph)
      : model_(std::move(model)), graph_(std::move(graph)) {}
  Result<void> bind();
  /// Writes the rows of up to a lookup's `length` tokens.
  Result<void> look_up(std::size_t index, std::span<const TokenId> tokens, float* rows);

  CompiledModel model_;
  EmbedderGraph graph_;
  std::vector<Bound> bound_;    // of each lookup
  std::vector<float> padding_;  // the row of token 0
};

}  // namespace tenfold::litert
