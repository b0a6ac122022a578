// One loaded model of MLC-LLM: logits of a compiled library, with TVM's paged KV cache.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/thread_pool.h"
#include "network.h"
#include "tenfold/token_model.h"
#include "weights.h"

namespace tenfold::mlc {

class MlcModel final : public TokenModel {
 public:
  /// Finds and checks the library, loads it, holds the weights against it, estimates the memory,
  /// and runs one token so that the first prompt finds everything in place. See
  /// Engine::initialize for the errors.
  static Result<std::unique_ptr<TokenModel>> open(const ResolvedModel& wanted,
                                                  const LoadOptions& options,
                                                  const OnProgress& on_progress);

  [[nodiscard]] const ModelInfo& info() const override { return info_; }
  [[nodiscard]] const Tokenizer& tokenizer() const override { return *tokenizer_; }
  [[nodiscard]] int max_sequences() const override { return network_->cache().sequences(); }
  Result<std::span<const float>> evaluate(std::span<const Chunk> chunks) override;
  Result<int> rewind(int sequence, int length) override;
  Result<int> copy(int from, int to, int length) override;
  [[nodiscard]] int preferred_step() const override { return static_cast<int>(most_tokens_); }
  Result<void> adjust(const Adjustment& adjustment) override;
  void interrupt(bool wanted) override { interrupted_ = wanted; }

 private:
  /// What one run does: the next tokens of chunks that follow each other.
  struct Run {
    std::vector<std::int32_t> tokens;
    std::vector<Appended> parts;
    Rows rows = Rows::last;
  };
  /// How far a call has come.
  struct Progress {
    std::size_t chunk = 0;  ///< the first that is not done
    std::size_t done = 0;   ///< tokens of it
  };

  MlcModel() = default;

  Result<void> load(const ResolvedModel& wanted, const LoadOptions& options,
                    const OnProgress& on_progress);
  Result<void> warm_up();
  Result<void> use_threads(int count);

  [[nodiscard]] Result<void> check(std::span<const Chunk> chunks) const;
  [[nodiscard]] Result<void> check_sequence(int sequence) const;
  [[nodiscard]] Run next_run(std::span<const Chunk> chunks, Progress& progress) const;
  /// The rows of the run, valid until the next one.
  Result<std::span<const float>> compute(const Run& run);

  ModelInfo info_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::size_t most_tokens_ = 0;     ///< of one run
  std::size_t most_rows_ = 0;       ///< of logits that one run gives
  std::size_t most_sequences_ = 0;  ///< in one run
  std::atomic<bool> interrupted_ = false;

  kernels::ThreadPool pool_;
  std::optional<Weights> weights_;  ///< outlives what views it
  std::unique_ptr<Network> network_;
  std::optional<ffi::Tensor> logits_;  ///< of the last run
  std::vector<float> gathered_;        ///< rows of several runs
};

}  // namespace tenfold::mlc
