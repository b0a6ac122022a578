// One loaded decoder graph with its KV cache.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "generation/single_sequence.h"
#include "integers.h"
#include "kv_cache.h"
#include "logits.h"
#include "tenfold/token_model.h"

namespace tenfold::onnxruntime {

class OnnxDecoder final : public TokenModel {
 public:
  /// Checks the files, estimates the memory, loads the graph, and runs one token so that the first
  /// prompt finds everything in place. See Engine::initialize for the errors.
  static Result<std::unique_ptr<TokenModel>> open(const ResolvedModel& wanted,
                                                  const LoadOptions& options,
                                                  const OnProgress& on_progress);

  [[nodiscard]] const ModelInfo& info() const override { return info_; }
  [[nodiscard]] const Tokenizer& tokenizer() const override { return *tokenizer_; }
  Result<std::span<const float>> evaluate(std::span<const Chunk> chunks) override;
  Result<int> rewind(int sequence, int length) override;
  void interrupt(bool wanted) override {
    sequence_.interrupt(wanted);
    session_->interrupt(wanted);
  }

 private:
  OnnxDecoder() = default;

  void choose_run_sizes(const Options& options);
  Result<void> start(const std::string& graph_file, const Options& options, std::int64_t capacity);
  Result<std::span<const float>> append(std::span<const TokenId> tokens, bool all_positions);

  ModelInfo info_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  DecoderGraph graph_;
  std::size_t most_tokens_ = 0;  // of one run
  std::size_t most_rows_ = 0;    // of logits that one run gives
  SingleSequence sequence_;

  // What is bound to the session, which therefore goes first.
  Integers tokens_;
  Integers mask_;       // ones
  Integers positions_;  // 0, 1, 2, …
  Integers logits_to_keep_;
  Logits logits_;
  std::optional<KvCache> cache_;
  std::optional<Session> session_;
};

}  // namespace tenfold::onnxruntime
