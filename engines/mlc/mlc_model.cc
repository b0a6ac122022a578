// Evaluation: chunks become runs of the library, runs become rows of logits.
#include "mlc_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/machine.h"
#include "parallel.h"

namespace tenfold::mlc {

Result<void> MlcModel::check_sequence(int sequence) const {
  if (sequence >= 0 && sequence < max_sequences()) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("sequence {} does not exist; the model was loaded with {}", sequence,
                          max_sequences()));
}

Result<void> MlcModel::check(std::span<const Chunk> chunks) const {
  if (chunks.empty()) return fail(ErrorCode::invalid_argument, "no tokens to evaluate");
  std::vector<std::size_t> lengths(static_cast<std::size_t>(max_sequences()));
  for (const Chunk& chunk : chunks) {
    TRY(check_sequence(chunk.sequence));
    if (chunk.tokens.empty()) return fail(ErrorCode::invalid_argument, "no tokens to evaluate");
    for (const TokenId token : chunk.tokens) {
      if (token < 0 || token >= info_.vocabulary_size) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("token id {} is outside the vocabulary of {} tokens", token,
                                info_.vocabulary_size));
      }
    }
    std::size_t& length = lengths[static_cast<std::size_t>(chunk.sequence)];
    length += chunk.tokens.size();
    const auto wanted = static_cast<std::size_t>(network_->cache().length(chunk.sequence)) + length;
    if (wanted > static_cast<std::size_t>(info_.context_size)) {
      return fail(
          ErrorCode::context_exceeded,
          fmt::format("{} tokens do not fit the context of {} tokens", wanted, info_.context_size),
          "load the model with a larger context_size");
    }
  }
  return {};
}

MlcModel::Run MlcModel::next_run(std::span<const Chunk> chunks, Progress& progress) const {
  Run run;
  while (progress.chunk < chunks.size()) {
    const Chunk& chunk = chunks[progress.chunk];
    const bool is_alone = chunk.all_positions;
    const bool is_in_it =
        std::ranges::find(run.parts, chunk.sequence, &Appended::sequence) != run.parts.end();
    const std::size_t room = (is_alone ? most_rows_ : most_tokens_) - run.tokens.size();
    if (!run.parts.empty() && (is_alone || is_in_it || room == 0)) break;
    if (is_alone) run.rows = Rows::all;
    const auto left = chunk.tokens.subspan(progress.done);
    const auto piece = left.first(std::min(left.size(), room));
    run.tokens.insert(run.tokens.end(), piece.begin(), piece.end());
    run.parts.push_back({chunk.sequence, static_cast<int>(piece.size())});
    progress.done += piece.size();
    if (piece.size() < left.size()) break;
    progress = {progress.chunk + 1, 0};
    if (is_alone || run.parts.size() == most_sequences_) break;
  }
  return run;
}

Result<std::span<const float>> MlcModel::compute(const Run& run) {
  const UsePool threads(pool_);
  return guarded([&]() -> Result<std::span<const float>> {
    logits_ = network_->logits(run.tokens, run.parts, run.rows);
    return std::span(static_cast<const float*>(logits_->data_ptr()),
                     static_cast<std::size_t>(logits_->numel()));
  });
}

Result<std::span<const float>> MlcModel::evaluate(std::span<const Chunk> chunks) {
  TRY(check(chunks));
  gathered_.clear();
  const auto row = static_cast<std::size_t>(info_.vocabulary_size);
  std::span<const float> rows;
  for (Progress progress; progress.chunk < chunks.size();) {
    if (interrupted_) return fail(ErrorCode::cancelled, "the evaluation was interrupted");
    const std::size_t first = progress.chunk;
    const Run run = next_run(chunks, progress);
    rows = TRY(compute(run));
    // The last tokens of a run may be the middle of a chunk, whose logits nobody asked for.
    if (run.rows == Rows::last && progress.done > 0) rows = rows.first(rows.size() - row);
    if (first > 0 || progress.chunk < chunks.size() || !gathered_.empty()) {
      gathered_.insert(gathered_.end(), rows.begin(), rows.end());
      rows = gathered_;
    }
  }
  return rows;
}

Result<int> MlcModel::rewind(int sequence, int length) {
  TRY(check_sequence(sequence));
  if (length < 0) return fail(ErrorCode::invalid_argument, "a sequence has no negative length");
  Cache& cache = network_->cache();
  if (length >= cache.length(sequence)) return cache.length(sequence);
  return guarded([&]() -> Result<int> {
    cache.cut(sequence, length);
    return length;
  });
}

Result<int> MlcModel::copy(int from, int to, int length) {
  TRY(check_sequence(from));
  TRY(check_sequence(to));
  Cache& cache = network_->cache();
  const int held = std::min(length, cache.length(from));
  if (from == to) return rewind(to, held);
  return guarded([&]() -> Result<int> {
    cache.fork(from, to, held);
    return held;
  });
}

Result<void> MlcModel::use_threads(int count) {
  info_.threads = count > 0 ? count : usable_cores();
  return pool_.resize(static_cast<std::size_t>(info_.threads));
}

Result<void> MlcModel::adjust(const Adjustment& adjustment) {
  if (!adjustment.threads) return {};
  return use_threads(*adjustment.threads);
}

}  // namespace tenfold::mlc
