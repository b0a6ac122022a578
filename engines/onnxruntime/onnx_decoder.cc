// Evaluation: tokens become runs of the graph, runs become rows of logits.
#include "onnx_decoder.h"

namespace tenfold::onnxruntime {

Result<std::span<const float>> OnnxDecoder::append(std::span<const TokenId> tokens,
                                                   bool all_positions) {
  const auto count = static_cast<std::int64_t>(tokens.size());
  const std::int64_t length = sequence_.length();
  for (std::size_t i = 0; i < tokens.size(); ++i) tokens_.set(i, tokens[i]);
  TRY(session_->bind_input(graph_.tokens.name, tokens_.from(0), tokens_.type(), {1, count}));
  if (graph_.mask) {
    TRY(session_->bind_input(graph_.mask->name, mask_.from(0), mask_.type(), {1, length + count}));
  }
  if (graph_.positions) {
    TRY(session_->bind_input(graph_.positions->name,
                             positions_.from(static_cast<std::size_t>(length)), positions_.type(),
                             {1, count}));
  }
  std::int64_t rows = graph_.last_logits_only ? 1 : count;
  if (graph_.logits_to_keep) {
    rows = all_positions ? count : 1;
    logits_to_keep_.set(0, rows);
    const std::vector<std::int64_t> shape(graph_.logits_to_keep->shape.size(), 1);
    TRY(session_->bind_input(graph_.logits_to_keep->name, logits_to_keep_.from(0),
                             logits_to_keep_.type(), shape));
  }
  TRY(session_->bind_output(graph_.logits.name, logits_.memory(), graph_.logits.type,
                            {1, rows, graph_.vocabulary}));
  TRY(cache_->bind_growing(*session_, length, length + count));
  TRY(session_->run());
  cache_->advance();
  const auto given = static_cast<std::size_t>(rows);
  return all_positions ? logits_.read(0, given) : logits_.read(given - 1, 1);
}

Result<std::span<const float>> OnnxDecoder::evaluate(std::span<const Chunk> chunks) {
  return sequence_.evaluate(
      chunks, {most_tokens_, most_rows_},
      [&](std::span<const TokenId> tokens, bool all) -> Result<SingleSequence::Run> {
        return SingleSequence::Run{tokens.size(), TRY(append(tokens, all))};
      });
}

Result<int> OnnxDecoder::rewind(int sequence, int length) {
  const int held = sequence_.length();
  const int kept = TRY(sequence_.rewind(sequence, length));
  if (kept < held) cache_->truncate(held, kept);
  return kept;
}

}  // namespace tenfold::onnxruntime
