#include "generation/scoring.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "base/files.h"
#include "generation/logprobs.h"
#include "generation/reading.h"

namespace tenfold {
namespace {

constexpr std::size_t rows_at_a_time = 64;

Result<void> check_length(std::size_t count, int context_size, const std::string& name) {
  if (count == 0) {
    return fail(ErrorCode::invalid_argument, name + " is empty: it has no tokens",
                "give at least one token");
  }
  if (count <= static_cast<std::size_t>(context_size)) return {};
  return fail(ErrorCode::context_exceeded,
              name + " has " + std::to_string(count) + " tokens and the context holds " +
                  std::to_string(context_size),
              "split the text or, if the model has more, load it with a larger context (on the "
              "command line: --ctx)");
}

Result<std::vector<std::vector<TokenId>>> encode_texts(CoreModel& loaded,
                                                       std::span<const std::string> texts) {
  std::vector<std::vector<TokenId>> encoded;
  encoded.reserve(texts.size());
  for (const std::string& text : texts) {
    const std::string name = texts.size() == 1 ? "the text"
                                               : "text " + std::to_string(encoded.size() + 1) +
                                                     " of " + std::to_string(texts.size());
    if (!is_valid_utf8(text)) {
      return fail(ErrorCode::invalid_argument, name + " is not valid UTF-8",
                  "convert it to UTF-8, for example with iconv");
    }
    encoded.push_back(TRY(loaded.tokenizer().encode(text, true, false)));
    TRY(check_length(encoded.back().size(), loaded.info().context_size, name));
  }
  return encoded;
}

/// The first of the texts, at least one, that make up about one step.
std::size_t texts_of_step(std::span<const std::vector<TokenId>> texts) {
  std::size_t tokens = 0;
  std::size_t count = 0;
  while (count < texts.size() && tokens < Batcher::largest_piece) tokens += texts[count++].size();
  return tokens > Batcher::largest_piece && count > 1 ? count - 1 : count;
}

}  // namespace

Result<void> normalize(std::vector<float>& vector) {
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * static_cast<double>(x);
  const double norm = std::sqrt(squares);
  if (!std::isfinite(norm) || norm == 0) {
    return fail(ErrorCode::internal, "the engine computed an embedding without a finite length",
                "the model file may be damaged: try another quantization or engine");
  }
  for (float& x : vector) x = static_cast<float>(static_cast<double>(x) / norm);
  return {};
}

Result<std::vector<double>> score_tokens(CoreModel& loaded, std::span<const TokenId> tokens,
                                         const Control& control) {
  const ModelInfo& info = loaded.info();
  TRY(check_token_ids(tokens, info));
  TRY(check_length(tokens.size(), info.context_size, "the text"));
  const SequencePool::Lease sequence = TRY(loaded.sequences.take({}, control.stop));
  TRY(sequence->reuse({}, control.stop));
  const auto width = static_cast<std::size_t>(info.vocabulary_size);
  std::vector<double> scores;
  scores.reserve(tokens.size() - 1);
  Reading reading(control.on_prompt, tokens.size() - 1);
  while (scores.size() + 1 < tokens.size()) {
    const std::size_t begin = scores.size();
    const std::size_t count = std::min(rows_at_a_time, tokens.size() - 1 - begin);
    const auto rows = TRY(sequence->append(tokens.subspan(begin, count), true, control.stop));
    for (std::size_t i = 0; i < rows.tokens; ++i) {
      const auto row = rows.logits.subspan(i * width, width);
      const auto next = static_cast<std::size_t>(tokens[begin + i + 1]);
      scores.push_back(static_cast<double>(row[next]) - TRY(log_sum_exp(row)));
    }
    sequence->release();
    reading.add(rows.tokens);
  }
  return scores;
}

Result<std::vector<Embedding>> embed_texts(CoreModel& loaded, std::span<const std::string> texts,
                                           const Control& control) {
  const std::vector<std::vector<TokenId>> encoded = TRY(encode_texts(loaded, texts));
  std::size_t total = 0;
  for (const auto& tokens : encoded) total += tokens.size();
  Reading reading(control.on_prompt, total);
  std::vector<Embedding> embeddings;
  embeddings.reserve(texts.size());
  while (embeddings.size() < texts.size()) {
    const auto rest = std::span(encoded).subspan(embeddings.size());
    const auto step = rest.first(texts_of_step(rest));
    auto vectors = TRY(
        loaded.batcher.alone(control.stop, [&](TokenModel& model) { return model.embed(step); }));
    if (vectors.size() != step.size()) {
      return fail(ErrorCode::internal, "the engine returned " + std::to_string(vectors.size()) +
                                           " embeddings of " + std::to_string(step.size()) +
                                           " texts");
    }
    std::size_t read = 0;
    for (std::size_t i = 0; i < step.size(); ++i) {
      TRY(normalize(vectors[i]));
      embeddings.push_back({std::move(vectors[i]), static_cast<int>(step[i].size())});
      read += step[i].size();
    }
    reading.add(read);
  }
  return embeddings;
}

}  // namespace tenfold
