// Evaluation: the tokens of a chunk go through the program in pieces.
#include "executorch_model.h"

#include <executorch/extension/tensor/tensor.h>
#include <fmt/format.h>

#include <numeric>

#include "base/barrier.h"
#include "framework.h"
#include "log_capture.h"

namespace tenfold::executorch {

using ::executorch::aten::BFloat16;
using ::executorch::aten::Half;
using ::executorch::aten::ScalarType;
using ::executorch::extension::from_blob;

/// The logits of all tokens or of the last, valid until the next call. A program that takes no
/// fewer tokens gets more: what they leave in the cache is written over before anything looks at
/// it. load() refuses those for which that is not so.
Result<std::span<const float>> ExecutorchModel::forward(std::span<const TokenId> tokens) {
  ids_.assign(tokens.begin(), tokens.end());
  if (signature_.exact_input) ids_.resize(static_cast<std::size_t>(signature_.longest_input));
  const int count = static_cast<int>(ids_.size());
  positions_.resize(signature_.position_of_all ? ids_.size() : 1);
  std::iota(positions_.begin(), positions_.end(), sequence_.length());
  const auto ids = from_blob(ids_.data(), {1, count}, ScalarType::Long);
  const auto positions =
      from_blob(positions_.data(), {static_cast<int>(positions_.size())}, ScalarType::Long);
  clear_log();
  const auto outputs = module_->forward({ids, positions});
  if (!outputs.ok()) {
    const Error error = framework_error("evaluate " + info_.path, outputs.error());
    return fail(error.code == ErrorCode::bad_model ? ErrorCode::internal : error.code,
                error.message, error.hint);
  }
  const auto& logits = outputs->at(0).toTensor();
  const auto rows = static_cast<std::size_t>(signature_.logits_of_all ? count : 1);
  const std::size_t wanted = rows * static_cast<std::size_t>(signature_.vocabulary_size);
  if (static_cast<std::size_t>(logits.numel()) != wanted) {
    return fail(ErrorCode::internal,
                fmt::format("{} gives {} logits for {} tokens; {} were expected", info_.path,
                            logits.numel(), count, wanted));
  }
  const std::size_t used = signature_.logits_of_all ? wanted / rows * tokens.size() : wanted;
  const auto widen = [&](const auto* numbers) {
    logits_.assign(numbers, numbers + used);
    return std::span<const float>(logits_);
  };
  switch (logits.scalar_type()) {
    case ScalarType::Half:
      return widen(logits.const_data_ptr<Half>());
    case ScalarType::BFloat16:
      return widen(logits.const_data_ptr<BFloat16>());
    default:
      return std::span(logits.const_data_ptr<float>(), used);
  }
}

Result<std::span<const float>> ExecutorchModel::evaluate(std::span<const Chunk> chunks) {
  // A program that gives the last row alone is asked for all of them one by one.
  const auto most = static_cast<std::size_t>(prefill_chunk_);
  bool whole = true;  // the program holds the tokens of sequence_, not part of a run that failed
  auto rows = barrier("ExecuTorch", [&] {
    return sequence_.evaluate(
        chunks, {most, signature_.logits_of_all ? most : 1},
        [&](std::span<const TokenId> tokens, bool) -> Result<SingleSequence::Run> {
          whole = false;
          const auto logits = TRY(forward(tokens));
          whole = true;
          return SingleSequence::Run{tokens.size(), logits};
        });
  });
  if (!whole) TRY(sequence_.rewind(0, 0));
  return rows;
}

}  // namespace tenfold::executorch
