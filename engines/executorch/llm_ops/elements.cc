#include "llm_ops/elements.h"

#include <executorch/runtime/core/exec_aten/exec_aten.h>

#include <cstdint>

namespace tenfold::executorch {
namespace {

template <typename T>
void read_numbers(const void* data, std::size_t row, std::size_t width, float factor, float* to) {
  const T* from = static_cast<const T*>(data) + row * width;
  for (std::size_t i = 0; i < width; ++i) to[i] = static_cast<float>(from[i]) * factor;
}

template <typename T>
void write_numbers(const float* from, std::size_t width, void* data, std::size_t row) {
  T* to = static_cast<T*>(data) + row * width;
  for (std::size_t i = 0; i < width; ++i) to[i] = static_cast<T>(from[i]);
}

}  // namespace

void read_row(const HeadRows& rows, std::size_t row, std::size_t width, float factor, float* to) {
  switch (rows.element) {
    case Element::f32:
      return read_numbers<float>(rows.data, row, width, factor, to);
    case Element::f16:
      return read_numbers<::executorch::aten::Half>(rows.data, row, width, factor, to);
    case Element::bf16:
      return read_numbers<::executorch::aten::BFloat16>(rows.data, row, width, factor, to);
    case Element::i8: {
      const auto* from = static_cast<const std::int8_t*>(rows.data) + row * width;
      const int zero = rows.zero_points[row];
      factor *= rows.scales[row];
      for (std::size_t i = 0; i < width; ++i) to[i] = static_cast<float>(from[i] - zero) * factor;
      return;
    }
    case Element::other:
      return;
  }
}

void write_row(const float* from, std::size_t width, Element element, void* to, std::size_t row) {
  switch (element) {
    case Element::f16:
      return write_numbers<::executorch::aten::Half>(from, width, to, row);
    case Element::bf16:
      return write_numbers<::executorch::aten::BFloat16>(from, width, to, row);
    default:
      return write_numbers<float>(from, width, to, row);
  }
}

}  // namespace tenfold::executorch
