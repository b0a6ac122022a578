// Embeddings: a context of their own. One for texts of up to a step's tokens is kept, as making it
// takes longer than what is asked of it; one for a longer text goes with it.
#include <fmt/format.h>

#include <algorithm>

#include "base/barrier.h"
#include "llama_model.h"
#include "log_capture.h"

namespace tenfold::llama_cpp {
namespace {

constexpr std::size_t usual_tokens = 512;
constexpr std::size_t most_texts = 64;  // in one batch

std::size_t count_tokens(std::span<const std::vector<TokenId>> texts) {
  std::size_t count = 0;
  for (const auto& text : texts) count += text.size();
  return count;
}

}  // namespace

Result<std::vector<std::vector<float>>> LlamaModel::embed(
    std::span<const std::vector<TokenId>> texts) {
  for (const auto& tokens : texts) {
    if (tokens.empty()) return fail(ErrorCode::invalid_argument, "the text has no tokens");
    TRY(check_tokens(tokens));
    if (tokens.size() <= static_cast<std::size_t>(info_.context_size)) continue;
    return fail(
        ErrorCode::context_exceeded,
        fmt::format("the text has {} tokens, the context {}", tokens.size(), info_.context_size),
        "load the model with a larger context_size");
  }
  if (llama_pooling_type(context_.get()) == LLAMA_POOLING_TYPE_RANK) {
    return fail(ErrorCode::unsupported, "a reranking model gives scores, not embeddings");
  }
  return barrier("llama.cpp", [&]() -> Result<std::vector<std::vector<float>>> {
    std::vector<std::vector<float>> vectors;
    // States of recurrent models and encoders are for one text at a time.
    const bool one_by_one = recurrent_ || llama_model_has_encoder(model_.get());
    while (vectors.size() < texts.size()) {
      const auto rest = texts.subspan(vectors.size());
      std::size_t count = 1;
      while (!one_by_one && count < std::min(rest.size(), most_texts) &&
             count_tokens(rest.first(count + 1)) <= usual_tokens) {
        ++count;
      }
      TRY(embed_some(rest.first(count), vectors));
    }
    return vectors;
  });
}

/// Those of one batch.
Result<void> LlamaModel::embed_some(std::span<const std::vector<TokenId>> texts,
                                    std::vector<std::vector<float>>& out) {
  const std::size_t tokens = count_tokens(texts);
  ContextHandle large;
  if (tokens > usual_tokens) {
    large = TRY(make_embedder(tokens));
  } else if (embedder_ == nullptr) {
    embedder_ = TRY(make_embedder(usual_tokens));
  }
  llama_context* context = large != nullptr ? large.get() : embedder_.get();
  if (llama_memory_t memory = llama_get_memory(context)) llama_memory_clear(memory, true);
  Batch batch(static_cast<int>(tokens));
  for (std::size_t text = 0; text < texts.size(); ++text) {
    for (std::size_t i = 0; i < texts[text].size(); ++i) {
      batch.add(texts[text][i], static_cast<int>(i), static_cast<int>(text), true);
    }
  }
  clear_log();
  const int status = llama_model_has_encoder(model_.get()) ? llama_encode(context, batch.get())
                                                           : llama_decode(context, batch.get());
  if (status == 2) return fail(ErrorCode::cancelled, "the evaluation was interrupted");
  const auto width = static_cast<std::size_t>(llama_model_n_embd_out(model_.get()));
  for (std::size_t text = 0; text < texts.size(); ++text) {
    const float* values =
        status == 0 ? llama_get_embeddings_seq(context, static_cast<int>(text)) : nullptr;
    if (values == nullptr) {
      return fail(ErrorCode::internal, "llama.cpp cannot embed the text: " + last_log_lines());
    }
    out.emplace_back(values, values + width);
  }
  return {};
}

Result<ContextHandle> LlamaModel::make_embedder(std::size_t tokens) {
  llama_context_params params = context_params_;
  params.embeddings = true;
  if (llama_pooling_type(context_.get()) == LLAMA_POOLING_TYPE_NONE) {
    params.pooling_type = LLAMA_POOLING_TYPE_MEAN;
  }
  // Each text has the whole cache before it; with one that is divided, a long one would not fit.
  params.kv_unified = true;
  params.n_seq_max = tokens > usual_tokens || recurrent_ ? 1 : most_texts;
  // Pooling sees one micro-batch at a time, so whole texts must be in one.
  params.n_ctx = params.n_batch = params.n_ubatch = static_cast<std::uint32_t>(tokens);
  return make_context(params);
}

}  // namespace tenfold::llama_cpp
