#include "kernels/elements.h"

#include <cstdint>
#include <cstring>

#include "base/half.h"
#include "kernels/instruction_set.h"

namespace tenfold::kernels {
namespace {

void read_floats(Number number, const void* data, std::size_t row, std::size_t width, float factor,
                 float* to) {
  const auto* from = static_cast<const std::byte*>(data) + row * width * bytes_of(number);
  fastest().to_floats(number, from, width, to);
  if (factor == 1) return;
  for (std::size_t i = 0; i < width; ++i) to[i] *= factor;
}

}  // namespace

void read_row(const HeadRows& rows, std::size_t row, std::size_t width, float factor, float* to) {
  switch (rows.element) {
    case Element::f32:
      return read_floats(Number::f32, rows.data, row, width, factor, to);
    case Element::f16:
      return read_floats(Number::f16, rows.data, row, width, factor, to);
    case Element::bf16:
      return read_floats(Number::bf16, rows.data, row, width, factor, to);
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
  if (element == Element::f16 || element == Element::bf16) {
    auto* numbers = static_cast<std::uint16_t*>(to) + row * width;
    for (std::size_t i = 0; i < width; ++i) {
      numbers[i] = element == Element::f16 ? half_from_float(from[i]) : brain_from_float(from[i]);
    }
    return;
  }
  std::memcpy(static_cast<float*>(to) + row * width, from, width * sizeof(float));
}

}  // namespace tenfold::kernels
