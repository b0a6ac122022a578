// Keys and values go into the KV cache.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "llm_ops/operators.h"
#include "llm_ops/write_cache.h"

namespace tenfold::executorch {
namespace {

/// The cache and what goes into it agree in everything but the number of positions.
Result<void> check_alike(const Block& value, const Block& cache) {
  if (value.tensor->scalar_type() != cache.tensor->scalar_type()) {
    return wrong(value.name, "is of another type than the cache");
  }
  for (const int i : {0, 2, 3}) {
    if (value.sizes[i] != cache.sizes[i]) {
      return wrong(value.name, fmt::format("has {} in dimension {}, where the cache has {}",
                                           value.sizes[i], i, cache.sizes[i]));
    }
  }
  return {};
}

void copy_positions(const Block& value, const Block& cache, std::int64_t batch, std::int64_t from,
                    std::int64_t to, std::int64_t count) {
  const auto position =
      static_cast<std::int64_t>(value.tensor->element_size()) * value.sizes[2] * value.sizes[3];
  const auto* source = static_cast<const std::byte*>(value.tensor->const_data_ptr()) +
                       (batch * value.sizes[1] + from) * position;
  auto* target = static_cast<std::byte*>(cache.tensor->mutable_data_ptr()) +
                 (batch * cache.sizes[1] + to) * position;
  std::memmove(target, source, static_cast<std::size_t>(count * position));
}

}  // namespace

Result<void> write_cache(const Block& value, const Block& cache, std::int64_t start) {
  TRY(check_alike(value, cache));
  if (start < 0 || start > cache.sizes[1] - value.sizes[1]) {
    return wrong("start_pos", fmt::format("is {}, but the cache has {} positions, and {} are given",
                                          start, cache.sizes[1], value.sizes[1]));
  }
  for (std::int64_t batch = 0; batch < value.sizes[0]; ++batch) {
    copy_positions(value, cache, batch, 0, start, value.sizes[1]);
  }
  return {};
}

Result<void> update_cache(const Arguments& arguments) {
  TRY(arguments.at_least(4));
  const Block value = TRY(arguments.block(0, "value"));
  const Block cache = TRY(arguments.block(1, "cache"));
  return write_cache(value, cache, TRY(arguments.integer(2, "start_pos")));
}

Result<void> update_cache_with_indices(const Arguments& arguments) {
  TRY(arguments.at_least(5));
  const Block value = TRY(arguments.block(0, "value"));
  const Block cache = TRY(arguments.block(1, "cache"));
  TRY(check_alike(value, cache));
  const std::int64_t count = value.sizes[0] * value.sizes[1];
  const auto* indices = static_cast<const std::int64_t*>(
      TRY(arguments.numbers(3, "indices", ::executorch::aten::ScalarType::Long, count)));
  for (std::int64_t i = 0; i < count; ++i) {
    if (indices[i] < 0 || indices[i] >= cache.sizes[1]) {
      return wrong("indices", fmt::format("names position {}, but the cache has {}", indices[i],
                                          cache.sizes[1]));
    }
    copy_positions(value, cache, i / value.sizes[1], i % value.sizes[1], indices[i], 1);
  }
  return {};
}

}  // namespace tenfold::executorch
