// Embeddings: a context of their own, made for one text and freed after it.
#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "guarded.h"
#include "llama_model.h"
#include "log_capture.h"

namespace tenfold::llama_cpp {
namespace {

Result<std::vector<float>> normalized(std::span<const float> values) {
  const double squares = std::transform_reduce(
      values.begin(), values.end(), 0.0, std::plus<>(),
      [](float value) { return static_cast<double>(value) * static_cast<double>(value); });
  if (!(squares > 0) || !std::isfinite(squares)) {
    return fail(ErrorCode::internal, "the model's embedding is zero or not a number");
  }
  const double scale = 1 / std::sqrt(squares);
  std::vector<float> result;
  result.reserve(values.size());
  for (const float value : values) {
    result.push_back(static_cast<float>(static_cast<double>(value) * scale));
  }
  return result;
}

}  // namespace

Result<std::vector<float>> LlamaModel::embed(std::span<const TokenId> tokens) {
  if (tokens.empty()) return fail(ErrorCode::invalid_argument, "the text has no tokens");
  TRY(check_tokens(tokens));
  if (tokens.size() > static_cast<std::size_t>(info_.context_size)) {
    return fail(
        ErrorCode::context_exceeded,
        fmt::format("the text has {} tokens, the context {}", tokens.size(), info_.context_size),
        "load the model with a larger context_size");
  }
  const auto pooling = llama_pooling_type(context_.get());  // the one the model asks for
  if (pooling == LLAMA_POOLING_TYPE_RANK) {
    return fail(ErrorCode::unsupported, "a reranking model gives scores, not embeddings");
  }
  interrupted_ = false;
  return guarded([&]() -> Result<std::vector<float>> {
    llama_context_params params = context_params_;
    params.embeddings = true;
    if (pooling == LLAMA_POOLING_TYPE_NONE) params.pooling_type = LLAMA_POOLING_TYPE_MEAN;
    params.n_seq_max = 1;
    // Pooling sees one micro-batch at a time, so the whole text must be one.
    params.n_ctx = params.n_batch = params.n_ubatch = static_cast<std::uint32_t>(tokens.size());
    const ContextHandle context = TRY(make_context(params));
    Batch batch(static_cast<int>(tokens.size()));
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      batch.add(tokens[i], static_cast<int>(i), 0, true);
    }
    clear_log();
    const bool encoder = llama_model_has_encoder(model_.get());
    const int status = encoder ? llama_encode(context.get(), batch.get())
                               : llama_decode(context.get(), batch.get());
    if (status == 2) return fail(ErrorCode::cancelled, "the evaluation was interrupted");
    const float* values = status == 0 ? llama_get_embeddings_seq(context.get(), 0) : nullptr;
    if (values == nullptr) {
      return fail(ErrorCode::internal, "llama.cpp cannot embed the text: " + last_log_lines());
    }
    return normalized({values, static_cast<std::size_t>(llama_model_n_embd_out(model_.get()))});
  });
}

}  // namespace tenfold::llama_cpp
