// One loaded decoder with its KV cache: a graph, or two where another reads the prompts.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "generation/bordered_sequence.h"
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
    if (prompts_) prompts_->session.interrupt(wanted);
    whole_->session.interrupt(wanted);
  }

 private:
  struct Part {
    DecoderGraph graph;
    Session session;
  };

  OnnxDecoder() = default;

  void choose_run_sizes(const DecoderGraph& graph, const Options& options);
  Result<void> start(std::int64_t capacity);
  Result<bool> takes_several_after_some();
  Result<void> bind_mask(Part& part, std::int64_t total);
  Result<std::span<const float>> run(std::int64_t length, std::span<const TokenId> tokens,
                                     bool all_positions);

  ModelInfo info_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::size_t most_tokens_ = 0;      // of one run
  std::size_t most_rows_ = 0;        // of logits that one run gives
  std::size_t most_after_some_ = 0;  // tokens of a run that goes on from others
  BorderedSequence sequence_;

  // What is bound to the sessions, which therefore go first.
  Integers tokens_;
  Integers mask_;       // ones
  Integers long_mask_;  // ones, then zeros up to the first length of the other tables
  Integers positions_;  // 0, 1, 2, …
  Integers logits_to_keep_;
  bool with_cache_ = false;
  Logits logits_;
  std::optional<KvCache> cache_;
  std::optional<Part> prompts_;  // decoder_model.onnx
  std::optional<Part> whole_;
};

}  // namespace tenfold::onnxruntime
