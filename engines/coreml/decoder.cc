#include "decoder.h"

#include <fmt/format.h>

#include <algorithm>

namespace tenfold::coreml {
namespace {

/// From so many tokens on the padding of a batch costs less than one call for each.
constexpr std::int64_t worth_a_batch = 8;

}  // namespace

Result<std::unique_ptr<Decoder>> Decoder::open(const std::vector<std::filesystem::path>& models,
                                               const std::string& function,
                                               kernels::Precision precision) {
  std::unique_ptr<Decoder> decoder(new Decoder);
  decoder->precision_ = precision;
  decoder->name_ = models.empty() ? "" : models[0].string();
  for (const std::filesystem::path& model : models) {
    decoder->stages_.push_back(TRY(Stage::open(model, function)));
  }
  TRY(decoder->connect());
  return decoder;
}

/// One model takes tokens and gives logits. Of several the first takes tokens, the last gives
/// logits, and all between pass hidden states on.
Result<void> Decoder::connect() {
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorCode::unsupported, fmt::format("{}: {}", name_, what),
                "docs/coreml.md has the forms of language models that run");
  };
  if (stages_.empty()) return wrong("it has no model");
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    const Signature& signature = stages_[i]->signature();
    const bool is_last = i + 1 == stages_.size();
    if (signature.hidden.has_value() != (i > 0) || signature.gives_logits != is_last) {
      return wrong("its parts do not make a language model together");
    }
    if (signature.keeps) {
      context_ = context_ == 0 ? signature.context : std::min(context_, signature.context);
      const std::int64_t most = stages_[i]->functions().back().signature.lengths.most;
      batch_ = keeps_ ? std::min(batch_, most) : most;
      keeps_ = true;
      if (stages_.size() > 1 && !stages_[i]->signature().lengths.for_count(1)) {
        return wrong("one of its parts takes no single token");
      }
    }
  }
  if (!keeps_ && stages_.size() > 1) return wrong("none of its parts has a cache");
  if (!keeps_) context_ = stages_[0]->signature().context;
  return {};
}

std::uint64_t Decoder::cache_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& stage : stages_) bytes += stage->cache_bytes();
  return bytes;
}

std::uint64_t Decoder::constant_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& stage : stages_) bytes += stage->constant_bytes();
  return bytes;
}

void Decoder::start() {
  for (const auto& stage : stages_) stage->start();
}

/// The call that takes most of `count` tokens, which becomes what it takes. Padding is written to
/// the cache, too, so it has to fit.
Decoder::Call Decoder::choose(const Stage& stage, std::int64_t past, std::int64_t& count) const {
  const std::int64_t wanted = count;
  for (count = std::min(wanted, stage.functions().back().signature.lengths.most); count > 0;
       count = count == 1 ? 0 : std::max<std::int64_t>(count / 2, 1)) {
    for (const StageFunction& function : stage.functions()) {
      const auto length = function.signature.lengths.for_count(count);
      if (length && past + *length <= context_) return {&function, *length};
    }
  }
  return {};
}

/// Rows of logits whose numbers come in parts of the vocabulary.
Result<Decoder::Rows> Decoder::rows_of(std::vector<Tensor> parts, std::int64_t first,
                                       std::int64_t count, std::int64_t taken) {
  std::int64_t width = 0;
  std::int64_t given = -1;
  for (Tensor& part : parts) {
    const std::int64_t size = part.shape.empty() ? 0 : part.shape.back();
    const std::int64_t rows = size == 0 ? 0 : part.count() / size;
    if (rows == 0 || (given >= 0 && rows != given)) {
      return fail(ErrorCode::bad_model,
                  fmt::format("{}: logits of the shape {}", name_, text_of(part.shape)));
    }
    given = rows;
    width += size;
  }
  if (given == count) first = 0;
  if (first + count > given) {
    return fail(ErrorCode::unsupported,
                fmt::format("{} gives logits of {} of {} tokens", name_, given, taken));
  }
  logits_ = make(memory_, Element::f32, {count, width});
  std::int64_t column = 0;
  for (const Tensor& part : parts) {
    const Tensor from = dense_floats(memory_, part);
    const std::int64_t size = from.shape.back();
    for (std::int64_t row = 0; row < count; ++row) {
      std::copy_n(from.floats() + (first + row) * size, size,
                  logits_.floats() + row * width + column);
    }
    column += size;
  }
  return Rows{static_cast<std::size_t>(taken),
              static_cast<std::size_t>(width),
              {logits_.floats(), static_cast<std::size_t>(logits_.count())}};
}

Result<Decoder::Rows> Decoder::run_whole(const Piece& piece, const Call& call,
                                         const std::atomic<bool>& interrupted) {
  const auto count = static_cast<std::int64_t>(piece.tokens.size());
  auto parts =
      TRY(stages_[0]->run(*call.function, piece, call.length, pool_, precision_, interrupted));
  return rows_of(std::move(parts), piece.first_row, count - piece.first_row, count);
}

/// Through the parts: to the logits, or to the last that has a cache.
Result<Tensor> Decoder::pass(std::int64_t past, std::span<const TokenId> tokens, bool to_logits,
                             const std::atomic<bool>& interrupted) {
  const auto count = static_cast<std::int64_t>(tokens.size());
  Tensor hidden;
  for (const auto& stage : stages_) {
    const bool is_last = stage == stages_.back();
    if (is_last && !to_logits) break;
    std::int64_t taken = count;
    const Call call = choose(*stage, past, taken);
    if (call.function == nullptr || taken != count) {
      return fail(ErrorCode::context_exceeded,
                  fmt::format("{} takes no {} tokens behind {}", name_, count, past));
    }
    const Piece piece{past, tokens, 0, &hidden};
    auto results =
        TRY(stage->run(*call.function, piece, call.length, pool_, precision_, interrupted));
    if (is_last) {
      TRY(rows_of(std::move(results), 0, count, count));
      return logits_;
    }
    hidden = dense_floats(memory_, results[0]);
    const bool fits = hidden.shape.size() == 3 && hidden.shape[0] == 1;
    if (!fits) {
      return fail(ErrorCode::bad_model,
                  fmt::format("{}: hidden states of the shape {}", name_, text_of(hidden.shape)));
    }
    // The last part that has a cache gives nothing useful for several tokens.
    if (hidden.shape[1] >= count) hidden.shape[1] = count;
  }
  return hidden;
}

/// All but the last token only fill the caches, in batches; the last alone gives logits.
Result<Decoder::Rows> Decoder::run_parts(std::int64_t past, std::span<const TokenId> tokens,
                                         const std::atomic<bool>& interrupted) {
  const auto count = static_cast<std::int64_t>(tokens.size());
  std::int64_t taken = 1;
  if (count > 1 && (count - 1 < worth_a_batch || batch_ == 1 || past + batch_ > context_)) {
    TRY(pass(past, tokens.first(1), false, interrupted));
  } else if (count > 1) {
    taken = std::min(count - 1, batch_);
    TRY(pass(past, tokens.first(static_cast<std::size_t>(taken)), false, interrupted));
  } else {
    TRY(pass(past, tokens, true, interrupted));
    const auto width = static_cast<std::size_t>(logits_.shape.back());
    return Rows{1, width, {logits_.floats(), width}};
  }
  // The caller goes on until the last one, whose row it takes.
  return Rows{static_cast<std::size_t>(taken), 0, {}};
}

Result<Decoder::Rows> Decoder::run(std::int64_t past, std::span<const TokenId> tokens, bool all,
                                   std::int64_t first_row, const std::atomic<bool>& interrupted) {
  logits_ = Tensor();
  if (stages_.size() > 1) {
    return run_parts(past, all ? tokens.first(1) : tokens, interrupted);
  }
  auto count = static_cast<std::int64_t>(tokens.size());
  const Call call = choose(*stages_[0], past, count);
  if (call.function == nullptr || (!keeps_ && count < static_cast<std::int64_t>(tokens.size()))) {
    return fail(ErrorCode::context_exceeded,
                fmt::format("{} takes no {} tokens behind {}", name_, tokens.size(), past));
  }
  if (keeps_) first_row = all ? 0 : count - 1;
  const Piece piece{past, tokens.first(static_cast<std::size_t>(count)), first_row, nullptr};
  return run_whole(piece, call, interrupted);
}

}  // namespace tenfold::coreml
