// One loaded model of Core ML behind the generation core.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "decoder.h"
#include "generation/single_sequence.h"
#include "tenfold/token_model.h"

namespace tenfold::coreml {

class CoremlModel final : public TokenModel {
 public:
  /// Reads the programs, makes them ready, estimates the memory, and runs one token so that the
  /// first prompt finds everything in place. See Engine::initialize for the errors.
  static Result<std::unique_ptr<TokenModel>> open(const ResolvedModel& wanted,
                                                  const LoadOptions& options,
                                                  const OnProgress& on_progress);

  [[nodiscard]] const ModelInfo& info() const override { return info_; }
  [[nodiscard]] const Tokenizer& tokenizer() const override { return *tokenizer_; }
  Result<std::span<const float>> evaluate(std::span<const Chunk> chunks) override;
  Result<int> rewind(int sequence, int length) override {
    return sequence_.rewind(sequence, length);
  }
  [[nodiscard]] int preferred_step() const override;
  Result<void> adjust(const Adjustment& adjustment) override;
  void interrupt(bool wanted) override {
    sequence_.interrupt(wanted);
    interrupted_ = wanted;
  }

 private:
  CoremlModel() = default;

  Result<void> load(const ResolvedModel& wanted, const LoadOptions& options,
                    const OnProgress& on_progress);
  Result<SingleSequence::Run> run(std::span<const TokenId> tokens, bool all);

  ModelInfo info_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  SingleSequence sequence_;
  std::atomic<bool> interrupted_ = false;
  std::size_t most_tokens_ = 0;   ///< of one run
  std::vector<TokenId> history_;  ///< of a model that keeps nothing
  std::unique_ptr<Decoder> decoder_;
};

}  // namespace tenfold::coreml
