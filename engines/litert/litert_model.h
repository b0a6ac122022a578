// One loaded .tflite, .litertlm or .task: logits and rewinding through LiteRT.
#pragma once

#include <optional>

#include "formats/litert_graph.h"
#include "generation/single_sequence.h"
#include "model_source.h"
#include "runtime.h"
#include "tenfold/token_model.h"

namespace tenfold::litert {

/// What the engine lists in its Capabilities.
std::vector<OptionSpec> option_specs();

class LitertModel final : public TokenModel {
 public:
  /// Opens the files, reads the graph, estimates its memory, compiles it and runs it once. See
  /// Engine::initialize for the errors.
  static Result<std::unique_ptr<TokenModel>> open(const ResolvedModel& wanted,
                                                  const LoadOptions& options,
                                                  const OnProgress& on_progress);

  [[nodiscard]] const ModelInfo& info() const override { return info_; }
  [[nodiscard]] const Tokenizer& tokenizer() const override { return *tokenizer_; }
  Result<std::span<const float>> evaluate(std::span<const Chunk> chunks) override;
  Result<int> rewind(int sequence, int length) override {
    return sequence_.rewind(sequence, length);
  }
  void interrupt(bool wanted) override { sequence_.interrupt(wanted); }

 private:
  LitertModel() = default;
  Result<void> load(const ModelSource& source, const LoadOptions& options,
                    const OnProgress& on_progress);

  ModelInfo info_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  Graph graph_;  // before runtime_, which points into it
  std::optional<Runtime> runtime_;
  SingleSequence sequence_;
  std::vector<float> rows_;  // of the last run
};

}  // namespace tenfold::litert
