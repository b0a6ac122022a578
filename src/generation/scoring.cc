#include "generation/scoring.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/files.h"
#include "generation/logprobs.h"

namespace tenfold {
namespace {

constexpr std::size_t rows_at_a_time = 64;

Result<void> check_length(std::size_t count, int context_size) {
  if (count == 0) {
    return fail(ErrorCode::invalid_argument, "the text is empty: it has no tokens",
                "Give at least one token.");
  }
  if (count <= static_cast<std::size_t>(context_size)) return {};
  return fail(ErrorCode::context_exceeded,
              "the text has " + std::to_string(count) + " tokens and the context holds " +
                  std::to_string(context_size),
              "Split the text or load the model with a larger context (on the command line: "
              "--ctx).");
}

}  // namespace

Result<std::vector<double>> score_tokens(CoreModel& loaded, std::span<const TokenId> tokens) {
  const ModelInfo& info = loaded.info();
  TRY(check_token_ids(tokens, info));
  TRY(check_length(tokens.size(), info.context_size));
  const SequencePool::Lease sequence = TRY(loaded.sequences.take({}));
  TRY(sequence->reuse({}));
  const auto width = static_cast<std::size_t>(info.vocabulary_size);
  std::vector<double> scores;
  scores.reserve(tokens.size() - 1);
  while (scores.size() + 1 < tokens.size()) {
    const std::size_t begin = scores.size();
    const std::size_t count = std::min(rows_at_a_time, tokens.size() - 1 - begin);
    const auto rows = TRY(sequence->append(tokens.subspan(begin, count), true));
    for (std::size_t i = 0; i < rows.tokens; ++i) {
      const auto row = rows.logits.subspan(i * width, width);
      const auto next = static_cast<std::size_t>(tokens[begin + i + 1]);
      scores.push_back(static_cast<double>(row[next]) - TRY(log_sum_exp(row)));
    }
    sequence->release();
  }
  return scores;
}

Result<std::vector<float>> embed_text(CoreModel& loaded, const std::string& text) {
  if (!is_valid_utf8(text)) {
    return fail(ErrorCode::invalid_argument, "the text to embed is not valid UTF-8",
                "Convert it to UTF-8, for example with iconv.");
  }
  const auto tokens = TRY(loaded.tokenizer().encode(text, true, false));
  TRY(check_length(tokens.size(), loaded.info().context_size));
  auto vector = TRY(loaded.batcher.alone([&](TokenModel& model) { return model.embed(tokens); }));
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * static_cast<double>(x);
  const double norm = std::sqrt(squares);
  if (!std::isfinite(norm) || norm == 0) {
    return fail(ErrorCode::internal, "the engine computed an embedding without a finite length",
                "The model file may be damaged: try another quantization or engine.");
  }
  for (float& x : vector) x = static_cast<float>(static_cast<double>(x) / norm);
  return vector;
}

}  // namespace tenfold
