// One loaded GGUF model: logits, rewinding and embeddings through llama.cpp.
#pragma once

#include <atomic>
#include <map>
#include <vector>

#include "batch.h"
#include "handles.h"
#include "options.h"
#include "tenfold/token_model.h"
#include "vocabulary.h"

namespace tenfold::llama_cpp {

class LlamaModel final : public TokenModel {
 public:
  /// Checks the file, estimates its memory, loads it, and runs one small batch so that the first
  /// prompt finds everything in place. See Engine::initialize for the errors.
  static Result<std::unique_ptr<TokenModel>> open(const ResolvedModel& wanted,
                                                  const LoadOptions& options,
                                                  const OnProgress& on_progress);

  [[nodiscard]] const ModelInfo& info() const override { return info_; }
  [[nodiscard]] const Tokenizer& tokenizer() const override { return *vocabulary_; }
  [[nodiscard]] int max_sequences() const override { return static_cast<int>(lengths_.size()); }
  Result<std::span<const float>> evaluate(std::span<const Chunk> chunks) override;
  Result<int> rewind(int sequence, int length) override;
  Result<int> copy(int from, int to, int length) override;
  Result<void> adjust(const Adjustment& adjustment) override;
  void interrupt(bool wanted) override { interrupted_ = wanted; }
  Result<std::vector<std::vector<float>>> embed(
      std::span<const std::vector<TokenId>> texts) override;

 private:
  LlamaModel() = default;

  Result<void> load(const std::string& path, Options& options, const OnProgress& on_progress);
  Result<void> load_adapters(const std::string& path, const std::vector<LoraFile>& files);
  Result<ContextHandle> make_context(const llama_context_params& params);
  Result<void> start_threads(int count);
  Result<void> warm_up();
  Result<void> embed_some(std::span<const std::vector<TokenId>> texts,
                          std::vector<std::vector<float>>& out);
  Result<ContextHandle> make_embedder(std::size_t tokens);

  Result<void> check_tokens(std::span<const TokenId> tokens) const;
  Result<void> check(std::span<const Chunk> chunks) const;
  Result<void> decode(const llama_batch& batch);
  Result<void> keep_rows(bool more_follow);
  void forget_failed(std::span<const Chunk> chunks);
  [[nodiscard]] bool can_return_to(int sequence, int length) const;
  [[nodiscard]] bool is_worth_copying(int length) const;

  ModelInfo info_;
  // The order matters: contexts go before the pool and the model they use.
  ModelHandle model_;
  std::unique_ptr<Vocabulary> vocabulary_;
  // One for each number of threads there ever was, as a context pauses the pool it had when it next
  // computes with another; a paused one sleeps.
  std::map<int, ThreadPoolHandle> pools_;
  std::uint32_t poll_ = 0;  // of the pools
  llama_context_params context_params_{};
  std::vector<llama_adapter_lora*> adapters_;  // owned by the model
  std::vector<float> adapter_scales_;
  ContextHandle context_;
  ContextHandle embedder_;  // made by the first embeddings
  std::unique_ptr<Batch> batch_;
  bool generates_ = true;
  bool recurrent_ = false;

  std::vector<int> lengths_;  // tokens held by each sequence
  std::vector<float> rows_;   // logits gathered over several batches
  std::span<const float> logits_;
  std::atomic<bool> interrupted_{false};
};

}  // namespace tenfold::llama_cpp
