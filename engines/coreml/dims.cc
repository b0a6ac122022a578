#include "dims.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tenfold::coreml {

std::optional<Dims> dims_of(std::span<const std::int64_t> sizes) {
  if (sizes.size() > Dims::most) return std::nullopt;
  Dims dims;
  for (const std::int64_t size : sizes) {
    if (size < 0) return std::nullopt;
    dims.push_back(size);
  }
  return dims;
}

Dims row_major(const Dims& shape) {
  Dims strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

std::string text_of(const Dims& shape) {
  return fmt::format("[{}]", fmt::join(shape.begin(), shape.end(), ", "));
}

}  // namespace tenfold::coreml
