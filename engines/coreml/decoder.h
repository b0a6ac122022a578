// A language model of one package, or of several parts as ANEMLL publishes them: tokens at a
// position become rows of logits.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/thread_pool.h"
#include "stage.h"

namespace tenfold::coreml {

class Decoder {
 public:
  /// `models` in the order in which tokens pass them. bad_model or unsupported, naming the model,
  /// if they do not fit together. Throws std::bad_alloc.
  static Result<std::unique_ptr<Decoder>> open(const std::vector<std::filesystem::path>& models,
                                               const std::string& function,
                                               kernels::Precision precision);

  [[nodiscard]] std::int64_t context() const { return context_; }
  /// Whether it keeps what it computed for earlier tokens; else it computes them anew each time.
  [[nodiscard]] bool keeps() const { return keeps_; }
  [[nodiscard]] std::uint64_t cache_bytes() const;
  [[nodiscard]] std::uint64_t constant_bytes() const;

  Result<void> use_threads(int count) { return pool_.resize(static_cast<std::size_t>(count)); }
  /// Memory for the caches; before the first run.
  void start();

  struct Rows {
    std::size_t tokens = 0;  ///< how many were taken
    std::size_t width = 0;   ///< numbers of a row
    std::span<const float> logits;
  };

  /// Takes some of the tokens behind `past` others, at least one; logits of all that it took, or at
  /// least of the last. Of a model that keeps nothing `past` is 0 and all are taken, and only rows
  /// from `first_row` on are given. Valid until the next call. Throws std::bad_alloc.
  Result<Rows> run(std::int64_t past, std::span<const TokenId> tokens, bool all,
                   std::int64_t first_row, const std::atomic<bool>& interrupted);

 private:
  Decoder() = default;

  struct Call {
    const StageFunction* function = nullptr;
    std::int64_t length = 0;
  };

  Result<void> connect();
  [[nodiscard]] Call choose(const Stage& stage, std::int64_t past, std::int64_t& count) const;
  Result<Rows> run_whole(const Piece& piece, const Call& call,
                         const std::atomic<bool>& interrupted);
  Result<Rows> run_parts(std::int64_t past, std::span<const TokenId> tokens,
                         const std::atomic<bool>& interrupted);
  Result<Tensor> pass(std::int64_t past, std::span<const TokenId> tokens, bool to_logits,
                      const std::atomic<bool>& interrupted);
  Result<Rows> rows_of(std::vector<Tensor> parts, std::int64_t first, std::int64_t count,
                       std::int64_t taken);

  std::string name_;
  Memory memory_;  ///< outlives what stages hold of it
  std::vector<std::unique_ptr<Stage>> stages_;
  kernels::ThreadPool pool_;
  kernels::Precision precision_ = kernels::Precision::fast;
  std::int64_t context_ = 0;
  std::int64_t batch_ = 1;  ///< tokens that parts take at once
  bool keeps_ = false;
  Tensor logits_;
};

}  // namespace tenfold::coreml
