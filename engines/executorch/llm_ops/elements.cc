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

void to_columns(Matrix rows, std::size_t count, std::size_t width, std::size_t stride,
                float* columns) {
  using Quad = float __attribute__((vector_size(16)));
  std::size_t n = 0;
  for (; n + 4 <= count; n += 4) {
    const float* row = rows.data + n * rows.stride;
    std::size_t k = 0;
    for (; k + 4 <= width; k += 4) {
      Quad a, b, c, d;
      __builtin_memcpy(&a, row + k, sizeof(a));
      __builtin_memcpy(&b, row + rows.stride + k, sizeof(b));
      __builtin_memcpy(&c, row + 2 * rows.stride + k, sizeof(c));
      __builtin_memcpy(&d, row + 3 * rows.stride + k, sizeof(d));
      const Quad ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
      const Quad cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
      const Quad ef = __builtin_shufflevector(a, b, 2, 6, 3, 7);
      const Quad gh = __builtin_shufflevector(c, d, 2, 6, 3, 7);
      const Quad turned[] = {
          __builtin_shufflevector(ab, cd, 0, 1, 4, 5), __builtin_shufflevector(ab, cd, 2, 3, 6, 7),
          __builtin_shufflevector(ef, gh, 0, 1, 4, 5), __builtin_shufflevector(ef, gh, 2, 3, 6, 7)};
      for (std::size_t i = 0; i < 4; ++i) {
        __builtin_memcpy(columns + (k + i) * stride + n, &turned[i], sizeof(Quad));
      }
    }
    for (; k < width; ++k) {
      for (std::size_t i = 0; i < 4; ++i) columns[k * stride + n + i] = row[i * rows.stride + k];
    }
  }
  for (; n < stride; ++n) {
    for (std::size_t k = 0; k < width; ++k) {
      columns[k * stride + n] = n < count ? rows.data[n * rows.stride + k] : 0;
    }
  }
}

}  // namespace tenfold::executorch
