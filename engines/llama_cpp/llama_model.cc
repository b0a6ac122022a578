// Evaluation: chunks become batches, batches become rows of logits.
#include "llama_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/barrier.h"
#include "log_capture.h"

namespace tenfold::llama_cpp {

Result<void> LlamaModel::check_tokens(std::span<const TokenId> tokens) const {
  for (const TokenId token : tokens) {
    if (!vocabulary_->contains(token)) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("token id {} is outside the vocabulary of {} tokens", token,
                              vocabulary_->vocabulary_size()));
    }
  }
  return {};
}

Result<void> LlamaModel::check(std::span<const Chunk> chunks) const {
  if (!generates_) {
    return fail(ErrorCode::unsupported,
                fmt::format("{} models do not generate text in this engine", info_.architecture),
                "use the model for embeddings");
  }
  if (chunks.empty()) return fail(ErrorCode::invalid_argument, "no tokens to evaluate");
  std::vector<int> lengths = lengths_;
  for (const Chunk& chunk : chunks) {
    if (chunk.sequence < 0 || chunk.sequence >= max_sequences()) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("sequence {} does not exist; the model was loaded with {}",
                              chunk.sequence, max_sequences()));
    }
    if (chunk.tokens.empty()) return fail(ErrorCode::invalid_argument, "no tokens to evaluate");
    TRY(check_tokens(chunk.tokens));
    const auto wanted =
        static_cast<std::size_t>(lengths[static_cast<std::size_t>(chunk.sequence)]) +
        chunk.tokens.size();
    if (wanted > static_cast<std::size_t>(info_.context_size)) {
      return fail(
          ErrorCode::context_exceeded,
          fmt::format("{} tokens do not fit the context of {} tokens", wanted, info_.context_size),
          "load the model with a larger context_size");
    }
    lengths[static_cast<std::size_t>(chunk.sequence)] = static_cast<int>(wanted);
  }
  return {};
}

Result<void> LlamaModel::decode(const llama_batch& batch) {
  clear_log();
  switch (llama_decode(context_.get(), batch)) {
    case 0:
      return {};
    case 1:
      return fail(ErrorCode::context_exceeded, "the KV cache has no room for the batch",
                  "load the model with a larger context_size");
    case 2:
      return fail(ErrorCode::cancelled, "the evaluation was interrupted");
    default:
      return fail(ErrorCode::internal, "llama.cpp cannot evaluate the batch: " + last_log_lines());
  }
}

/// Takes the logits of the batch just decoded: in place if they are all there will be.
Result<void> LlamaModel::keep_rows(bool more_follow) {
  const std::size_t count =
      batch_->rows() * static_cast<std::size_t>(vocabulary_->vocabulary_size());
  if (count == 0) return {};
  const float* logits = llama_get_logits(context_.get());
  if (logits == nullptr) return fail(ErrorCode::internal, "llama.cpp returned no logits");
  logits_ = {logits, count};
  if (more_follow || !rows_.empty()) {
    rows_.insert(rows_.end(), logits_.begin(), logits_.end());
    logits_ = rows_;
  }
  return {};
}

Result<std::span<const float>> LlamaModel::evaluate(std::span<const Chunk> chunks) {
  TRY(check(chunks));
  rows_.clear();
  logits_ = {};
  batch_->clear();
  auto evaluated = barrier("llama.cpp", [&]() -> Result<void> {
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      const Chunk& chunk = chunks[i];
      for (std::size_t at = 0; at < chunk.tokens.size(); ++at) {
        const bool last = at + 1 == chunk.tokens.size();
        batch_->add(chunk.tokens[at], lengths_[static_cast<std::size_t>(chunk.sequence)]++,
                    chunk.sequence, last || chunk.all_positions);
        const bool more_follow = !last || i + 1 < chunks.size();
        if (!batch_->full() && more_follow) continue;
        TRY(decode(batch_->get()));
        TRY(keep_rows(more_follow));
        batch_->clear();
      }
    }
    return {};
  });
  if (!evaluated) {
    forget_failed(chunks);
    return std::move(evaluated).error();
  }
  return logits_;
}

/// After a failure llama.cpp keeps the micro-batches that were done; count what is really there.
void LlamaModel::forget_failed(std::span<const Chunk> chunks) {
  llama_memory_t memory = llama_get_memory(context_.get());
  for (const Chunk& chunk : chunks) {
    // A recurrent state cannot drop the tokens of the failed part alone.
    if (recurrent_) llama_memory_seq_rm(memory, chunk.sequence, -1, -1);
    lengths_[static_cast<std::size_t>(chunk.sequence)] =
        llama_memory_seq_pos_max(memory, chunk.sequence) + 1;
  }
}

/// Sliding-window layers keep only the last positions: all that the token at `length` attends to
/// must still be there.
bool LlamaModel::can_return_to(int sequence, int length) const {
  const int window = llama_model_n_swa(model_.get());
  if (window <= 0) return true;
  const int first = llama_memory_seq_pos_min(llama_get_memory(context_.get()), sequence);
  return first <= std::max(0, length - window);
}

Result<int> LlamaModel::rewind(int sequence, int length) {
  if (sequence < 0 || sequence >= max_sequences() || length < 0) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("cannot rewind sequence {} to {} tokens", sequence, length));
  }
  int& held = lengths_[static_cast<std::size_t>(sequence)];
  if (length >= held) return held;
  llama_memory_t memory = llama_get_memory(context_.get());
  if (length > 0 && can_return_to(sequence, length) &&
      llama_memory_seq_rm(memory, sequence, length, -1)) {
    held = length;
  } else {
    llama_memory_seq_rm(memory, sequence, -1, -1);
    held = 0;
  }
  return held;
}

/// Each sequence has a cache of its own, which llama.cpp copies as a whole: no longer than
/// computing a few tokens in a short context, or some dozens in a long one.
bool LlamaModel::is_worth_copying(int length) const {
  constexpr std::uint32_t share = 256;
  return static_cast<std::uint32_t>(length) * share >= llama_n_ctx_seq(context_.get());
}

Result<int> LlamaModel::copy(int from, int to, int length) {
  if (recurrent_ || !is_worth_copying(length) || !can_return_to(from, length)) {
    return TokenModel::copy(from, to, length);
  }
  llama_memory_seq_cp(llama_get_memory(context_.get()), from, to, -1, -1);
  lengths_[static_cast<std::size_t>(to)] = lengths_[static_cast<std::size_t>(from)];
  return rewind(to, length);
}

}  // namespace tenfold::llama_cpp
