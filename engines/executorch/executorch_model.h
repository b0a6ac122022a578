// One loaded .pte: logits from ExecuTorch, with the KV cache inside the program.
#pragma once

#include <executorch/extension/module/module.h>

#include <memory>
#include <vector>

#include "formats/pte_program.h"
#include "generation/single_sequence.h"
#include "tenfold/token_model.h"

namespace tenfold::executorch {

class ExecutorchModel final : public TokenModel {
 public:
  /// Checks the header and what the program says of itself before its weights are loaded,
  /// and runs one token so that the first prompt finds everything in place. See Engine::initialize
  /// for the errors.
  static Result<std::unique_ptr<TokenModel>> open(const ResolvedModel& wanted,
                                                  const LoadOptions& options,
                                                  const OnProgress& on_progress);

  [[nodiscard]] const ModelInfo& info() const override { return info_; }
  [[nodiscard]] const Tokenizer& tokenizer() const override { return *tokenizer_; }
  Result<std::span<const float>> evaluate(std::span<const Chunk> chunks) override;
  Result<int> rewind(int sequence, int length) override {
    const bool begins_anew = signature_.only_adds && length > 0 && length < sequence_.length();
    return sequence_.rewind(sequence, begins_anew ? 0 : length);
  }
  void interrupt(bool wanted) override { sequence_.interrupt(wanted); }

 private:
  ExecutorchModel() = default;

  Result<void> load(const ResolvedModel& wanted, const LoadOptions& options,
                    const OnProgress& on_progress);
  Result<std::span<const float>> forward(std::span<const TokenId> tokens);

  ModelInfo info_;
  std::unique_ptr<const Tokenizer> tokenizer_;
  std::shared_ptr<const int> threads_;  // outlives the module
  std::unique_ptr<::executorch::extension::Module> module_;
  PteSignature signature_;
  int prefill_chunk_ = 1;

  SingleSequence sequence_;
  std::vector<std::int64_t> ids_;
  std::vector<std::int64_t> positions_;
  std::vector<float> logits_;  ///< where the program's are of a shorter type
};

}  // namespace tenfold::executorch
