// A compiled model with its buffers: one TensorBuffer per tensor of the KV cache, which every
// signature takes and gives back, so that nothing is copied from token to token.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "formats/litert_graph.h"
#include "handles.h"
#include "tenfold/request.h"

namespace tenfold::litert {

/// A model file or a section of one, as LiteRT takes it.
struct ModelRange {
  std::string path;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// An opened, not yet compiled model.
class ModelFile {
 public:
  /// bad_model if LiteRT refuses the content.
  static Result<ModelFile> open(const ModelRange& range);

  [[nodiscard]] Result<std::vector<Signature>> signatures() const;
  /// Elements of all constant tensors of floating point or quantized type.
  [[nodiscard]] Result<std::uint64_t> parameters() const;

 private:
  friend class Runtime;
  ModelFile() = default;

  const Api* api_ = nullptr;
  Handle<EnvironmentT> environment_;
  Handle<ModelT> model_;
};

/// Not thread-safe.
class Runtime {
 public:
  struct Settings {
    int threads = 1;
    std::string weight_cache;  ///< file for packed weights, without quotes; empty: none
  };

  /// Compiles the model and makes its buffers. The graph outlives the runtime.
  static Result<Runtime> create(ModelFile file, const Graph& graph, const Settings& settings);

  /// Runs `step` (one of the graph) on `tokens`, which stand from `position` on.
  Result<void> run(const Step& step, std::span<const TokenId> tokens, int position);

  /// Appends the logits of rows [first, first + count) of the last run of `step`.
  Result<void> append_logits(const Step& step, int first, int count, std::vector<float>& rows);

 private:
  /// A step with its buffers, in the order of its tensors.
  struct Bound {
    const Step* step = nullptr;
    std::vector<Handle<TensorBufferT>> owned;
    std::vector<TensorBufferT*> inputs;
    std::vector<TensorBufferT*> outputs;
  };

  Runtime(ModelFile file, const Graph& graph) : file_(std::move(file)), graph_(&graph) {}

  Result<void> compile(const Settings& settings);
  Result<void> make_states();
  Result<void> bind(const Step& step);
  Result<Handle<TensorBufferT>> make_buffer(const Tensor& tensor,
                                            RequirementsT* requirements) const;
  Result<RequirementsT*> input_requirements(const Step& step, std::size_t index) const;
  Result<RequirementsT*> output_requirements(const Step& step, std::size_t index) const;
  [[nodiscard]] Bound& bound(const Step& step);
  Result<void> fill(const Slot& slot, TensorBufferT* buffer, std::span<const TokenId> tokens,
                    int position) const;

  // The order matters: buffers go before the compiled model, and that before its file.
  ModelFile file_;
  const Graph* graph_;
  Handle<OptionsT> options_;
  Handle<CompiledModelT> compiled_;
  std::vector<Handle<TensorBufferT>> states_;
  std::vector<Bound> bound_;
};

}  // namespace tenfold::litert
