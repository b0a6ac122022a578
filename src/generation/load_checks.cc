#include "generation/load_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/machine.h"

namespace tenfold {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;

}  // namespace

Result<int> choose_context_size(const std::string& path, const LoadOptions& options,
                                std::int64_t model_context) {
  if (options.context_size == 0) {
    return static_cast<int>(std::min<std::int64_t>(model_context, LoadOptions::default_context));
  }
  if (options.context_size > model_context) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("context_size is {}, but {} has {} tokens", options.context_size, path,
                            model_context),
                "choose a smaller context (context_size; on the command line: --ctx)");
  }
  return options.context_size;
}

Result<void> check_vocabulary(const std::string& path, const Tokenizer& tokenizer, int known) {
  for (TokenId id = known; id < tokenizer.vocabulary_size(); ++id) {
    if (tokenizer.is_special(id)) continue;
    return fail(ErrorCode::bad_model,
                fmt::format("the tokenizer of {} has {} tokens, but the model knows {}", path,
                            tokenizer.vocabulary_size(), known),
                "use the tokenizer that belongs to this model");
  }
  return {};
}

std::string parameters_text(std::uint64_t parameters) {
  const double millions = static_cast<double>(parameters) / 1e6;
  if (millions < 10) return fmt::format("{:.1f}M", millions);
  return millions < 10000 ? fmt::format("{:.0f}M", millions)
                          : fmt::format("{:.0f}B", millions / 1000);
}

Result<void> check_memory(const std::string& path, const MemoryNeed& need,
                          const LoadOptions& options) {
  const auto refuse = [&](std::uint64_t bytes, std::string_view parts, std::uint64_t limit,
                          std::string_view whose) {
    return fail(ErrorCode::out_of_memory,
                fmt::format("{} needs about {} MiB {}; {} is {} MiB", path, bytes / mebibyte + 1,
                            parts, whose, limit / mebibyte),
                "choose a smaller context (context_size; on the command line: --ctx), fewer "
                "sequences or a smaller model");
  };
  const auto total = need.weights + need.cache + need.buffers;
  if (options.memory_limit > 0 && total > options.memory_limit) {
    return refuse(
        total,
        fmt::format("({} for weights, {} for the KV cache, {} for buffers)",
                    need.weights / mebibyte, need.cache / mebibyte, need.buffers / mebibyte),
        options.memory_limit, "the memory limit");
  }
  const auto needed = need.mapped_weights ? need.cache + need.buffers : total;
  const auto available = available_memory();
  if (available > 0 && needed > available) {
    return refuse(needed, need.mapped_weights ? "beside its weights" : "in all", available,
                  "free memory");
  }
  return {};
}

}  // namespace tenfold
