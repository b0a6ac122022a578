// A compiled model with its buffers: one TensorBuffer per tensor of the KV cache, which every
// signature takes and gives back, so that nothing is copied from token to token.
#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "compiled_model.h"
#include "embedder.h"
#include "formats/litert_graph.h"
#include "tenfold/request.h"

namespace tenfold::litert {

/// Not thread-safe.
class Runtime {
 public:
  /// Those that the graph needs.
  struct Embedders {
    std::optional<Embedder> embedder;
    std::optional<Embedder> per_layer;
  };

  /// Makes the buffers of `graph`, which outlives the runtime.
  static Result<Runtime> create(CompiledModel model, const Graph& graph, Embedders embedders);

  /// Runs `step` (one of the graph) on `tokens`, which stand from `position` on.
  Result<void> run(const Step& step, std::span<const TokenId> tokens, int position);

  /// Appends the logits of rows [first, first + count) of the last run of `step`.
  Result<void> append_logits(const Step& step, int first, int count, std::vector<float>& rows);

 private:
  /// A step with its buffers, in the order of its tensors.
  struct Bound {
    const Step* step = nullptr;
    std::vector<Buffer> owned;
    std::vector<TensorBufferT*> inputs;
    std::vector<TensorBufferT*> outputs;
  };

  Runtime(CompiledModel model, const Graph& graph, Embedders embedders)
      : model_(std::move(model)), graph_(&graph), embedders_(std::move(embedders)) {}

  Result<void> make_states();
  Result<void> bind(const Step& step);
  [[nodiscard]] Bound& bound(const Step& step);
  Result<void> fill(const Slot& slot, TensorBufferT* buffer, std::span<const TokenId> tokens,
                    int position, int length);

  CompiledModel model_;  // before the buffers, which go first
  const Graph* graph_;
  Embedders embedders_;
  std::vector<Buffer> states_;
  std::vector<Bound> bound_;
};

}  // namespace tenfold::litert
