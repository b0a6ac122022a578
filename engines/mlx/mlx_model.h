// One loaded decoder: logits from MLX, with the KV cache in its arrays.
#pragma once

#include <memory>
#include <optional>

#include "decoder.h"
#include "generation/bordered_sequence.h"
#include "tenfold/token_model.h"

namespace tenfold::mlx {

class MlxModel final : public TokenModel {
 public:
  /// Checks the configuration and every tensor, estimates the memory, maps the weights or copies
  /// them for MLX's operators, and runs one token so that the first prompt finds everything in
  /// place. See Engine::initialize for the errors.
  static Result<std::unique_ptr<TokenModel>> open(const ResolvedModel& wanted,
                                                  const LoadOptions& options,
                                                  const OnProgress& on_progress);

  [[nodiscard]] const ModelInfo& info() const override { return info_; }
  [[nodiscard]] const Tokenizer& tokenizer() const override { return *tokenizer_; }
  Result<std::span<const float>> evaluate(std::span<const Chunk> chunks) override;
  Result<int> rewind(int sequence, int length) override {
    return sequence_.rewind(sequence, length);
  }
  Result<void> adjust(const Adjustment& adjustment) override;
  void interrupt(bool wanted) override { sequence_.interrupt(wanted); }
  Result<std::vector<std::vector<float>>> embed(
      std::span<const std::vector<TokenId>> texts) override;

 private:
  MlxModel() = default;

  Result<void> load(const ResolvedModel& wanted, const LoadOptions& options,
                    const OnProgress& on_progress);
  Result<std::span<const float>> run(std::span<const TokenId> tokens, bool all);
  Result<std::span<const float>> run_or_forget(std::span<const TokenId> tokens, bool all);

  ModelInfo info_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::size_t most_tokens_ = 0;  ///< of one run
  std::size_t most_rows_ = 0;    ///< of logits that one run gives
  BorderedSequence sequence_;
  Result<Pooling> pooling_ = Pooling::mean;

  std::optional<Weights> weights_;   ///< outlives what computes from the mapped files
  std::unique_ptr<OwnKernels> own_;  ///< null: MLX's operators compute
  StreamLease stream_;               ///< outlives what runs on it
  std::unique_ptr<Decoder> decoder_;
  std::optional<mx::array> logits_;  ///< of the last run
};

}  // namespace tenfold::mlx
