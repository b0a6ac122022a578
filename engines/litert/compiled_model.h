// A model made ready to run on the processor.
#pragma once

#include <span>
#include <string>
#include <utility>

#include "model_file.h"

namespace tenfold::litert {

using Buffer = Handle<TensorBufferT>;

/// Not thread-safe. Its buffers go before it.
class CompiledModel {
 public:
  struct Settings {
    int threads = 1;
    std::string weight_cache;  ///< file for packed weights, without quotes; empty: none
  };

  /// unsupported if LiteRT has not what the model needs.
  static Result<CompiledModel> compile(ModelFile file, const Settings& settings);

  [[nodiscard]] const Api& api() const { return *file_.api_; }

  /// A buffer, all zeros, for an input or output of a signature, both by their number in the file.
  [[nodiscard]] Result<Buffer> input(std::size_t signature, std::size_t index,
                                     const Tensor& tensor) const;
  [[nodiscard]] Result<Buffer> output(std::size_t signature, std::size_t index,
                                      const Tensor& tensor) const;

  /// Runs a signature on buffers in the order of its tensors; `key` names it in errors.
  Result<void> run(std::size_t signature, const std::string& key, std::span<TensorBufferT*> inputs,
                   std::span<TensorBufferT*> outputs);

 private:
  explicit CompiledModel(ModelFile file) : file_(std::move(file)) {}
  Result<void> compile(const Settings& settings);
  Result<Buffer> make_buffer(const Tensor& tensor, RequirementsT* requirements) const;

  // The order matters: the compiled model goes before its file.
  ModelFile file_;
  Handle<OptionsT> options_;
  Handle<CompiledModelT> compiled_;
};

}  // namespace tenfold::litert
