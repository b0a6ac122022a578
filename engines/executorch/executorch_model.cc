// Evaluation: the tokens of a chunk go through the program in pieces.
#include "executorch_model.h"

#include <executorch/extension/tensor/tensor.h>
#include <fmt/format.h>

#include <numeric>

#include "base/barrier.h"
#include "framework.h"
#include "log_capture.h"

namespace tenfold::executorch {

using ::executorch::aten::ScalarType;
using ::executorch::extension::from_blob;

/// The logits of all tokens or of the last, as the program gives them: inside its own memory, valid
/// until the next call.
Result<std::span<const float>> ExecutorchModel::forward(std::span<const TokenId> tokens) {
  const int count = static_cast<int>(tokens.size());
  ids_.assign(tokens.begin(), tokens.end());
  positions_.resize(signature_.position_of_all ? tokens.size() : 1);
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
  return std::span(logits.const_data_ptr<float>(), wanted);
}

Result<std::span<const float>> ExecutorchModel::evaluate(std::span<const Chunk> chunks) {
  // A program that gives the last row alone is asked for all of them one by one.
  const auto most = static_cast<std::size_t>(prefill_chunk_);
  return barrier("ExecuTorch", [&] {
    return sequence_.evaluate(
        chunks, {most, signature_.logits_of_all ? most : 1},
        [&](std::span<const TokenId> tokens, bool) -> Result<SingleSequence::Run> {
          return SingleSequence::Run{tokens.size(), TRY(forward(tokens))};
        });
  });
}

}  // namespace tenfold::executorch
