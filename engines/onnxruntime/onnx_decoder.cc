// Evaluation: tokens become runs of the graph, runs become rows of logits.
#include "onnx_decoder.h"

namespace tenfold::onnxruntime {

Result<void> OnnxDecoder::bind_mask(Part& part, std::int64_t total) {
  if (!part.graph.mask) return {};
  const std::string& name = part.graph.mask->name;
  const std::int64_t border = part.graph.border.tokens;
  if (!sequence_.beyond() || total > border) {
    return part.session.bind_input(name, mask_.from(0), mask_.type(), {1, total});
  }
  // The columns choose the tables, the ones among them say how many tokens there are.
  for (std::int64_t i = 0; i <= border; ++i) {
    long_mask_.set(static_cast<std::size_t>(i), i < total ? 1 : 0);
  }
  return part.session.bind_input(name, long_mask_.from(0), long_mask_.type(), {1, border + 1});
}

Result<std::span<const float>> OnnxDecoder::run(std::int64_t length,
                                                std::span<const TokenId> tokens,
                                                bool all_positions) {
  Part& part = length == 0 && prompts_ ? *prompts_ : *whole_;
  const DecoderGraph& graph = part.graph;
  Session& session = part.session;
  const auto count = static_cast<std::int64_t>(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) tokens_.set(i, tokens[i]);
  TRY(session.bind_input(graph.tokens.name, tokens_.from(0), tokens_.type(), {1, count}));
  TRY(bind_mask(part, length + count));
  if (graph.positions) {
    TRY(session.bind_input(graph.positions->name, positions_.from(static_cast<std::size_t>(length)),
                           positions_.type(), {1, count}));
  }
  if (graph.with_cache) {
    with_cache_ = length > 0;
    TRY(session.bind_input(graph.with_cache->name, &with_cache_, OnnxType::boolean, {1}));
  }
  std::int64_t rows = graph.last_logits_only ? 1 : count;
  if (graph.logits_to_keep) {
    rows = all_positions ? count : 1;
    logits_to_keep_.set(0, rows);
    const std::vector<std::int64_t> shape(graph.logits_to_keep->shape.size(), 1);
    TRY(session.bind_input(graph.logits_to_keep->name, logits_to_keep_.from(0),
                           logits_to_keep_.type(), shape));
  }
  TRY(session.bind_output(graph.logits.name, logits_.memory(), graph.logits.type,
                          {1, rows, graph.vocabulary}));
  if (&part == &*whole_) TRY(cache_->bind_growing_past(session, length));
  TRY(cache_->bind_growing_present(session, length + count));
  TRY(session.run());
  cache_->advance();
  const auto given = static_cast<std::size_t>(rows);
  return all_positions ? logits_.read(0, given) : logits_.read(given - 1, 1);
}

Result<std::span<const float>> OnnxDecoder::evaluate(std::span<const Chunk> chunks) {
  return sequence_.evaluate(
      chunks, {most_tokens_, most_rows_},
      [&](std::size_t held) { return held == 0 ? most_tokens_ : most_after_some_; },
      [&](std::span<const TokenId> tokens, bool all) {
        return run(static_cast<std::int64_t>(sequence_.held()), tokens, all);
      });
}

Result<int> OnnxDecoder::rewind(int sequence, int length) {
  const int held = static_cast<int>(sequence_.held());
  const int kept = TRY(sequence_.rewind(sequence, length));
  if (kept < held) cache_->truncate(held, kept);
  return kept;
}

}  // namespace tenfold::onnxruntime
