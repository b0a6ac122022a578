#include "generation/single_sequence.h"

#include <fmt/format.h>

namespace tenfold {

void SingleSequence::start(int vocabulary_size, int context_size) {
  vocabulary_size_ = vocabulary_size;
  context_size_ = context_size;
}

Result<void> SingleSequence::check_tokens(std::span<const TokenId> tokens) const {
  for (const TokenId token : tokens) {
    if (token >= 0 && token < vocabulary_size_) continue;
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("token id {} is outside the vocabulary of {} tokens", token, vocabulary_size_));
  }
  return {};
}

Result<Chunk> SingleSequence::check(std::span<const Chunk> chunks) const {
  if (chunks.size() != 1 || chunks[0].tokens.empty()) {
    return fail(ErrorCode::invalid_argument,
                "one chunk with at least one token is evaluated at a time");
  }
  const Chunk& chunk = chunks[0];
  if (chunk.sequence != 0) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("sequence {} does not exist; the model has one", chunk.sequence));
  }
  TRY(check_tokens(chunk.tokens));
  const auto wanted = static_cast<std::size_t>(length_) + chunk.tokens.size();
  if (wanted > static_cast<std::size_t>(context_size_)) {
    return fail(ErrorCode::context_exceeded,
                fmt::format("{} tokens do not fit the context of {} tokens", wanted, context_size_),
                "load the model with a larger context (context_size; on the command line: --ctx)");
  }
  return chunk;
}

Result<int> SingleSequence::rewind(int sequence, int length) {
  if (sequence != 0 || length < 0) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("cannot rewind sequence {} to {} tokens", sequence, length));
  }
  length_ = std::min(length_, length);
  return length_;
}

}  // namespace tenfold
