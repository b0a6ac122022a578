#include "logits.h"

#include "base/half.h"

namespace tenfold::onnxruntime {

Logits::Logits(OnnxType type, std::size_t rows, std::size_t vocabulary)
    : type_(type), vocabulary_(vocabulary) {
  if (type == OnnxType::float32) {
    floats_ = std::make_unique_for_overwrite<float[]>(rows * vocabulary);
  } else {
    halves_ = std::make_unique_for_overwrite<std::uint16_t[]>(rows * vocabulary);
  }
}

std::span<const float> Logits::read(std::size_t first_row, std::size_t count) {
  const std::size_t start = first_row * vocabulary_;
  const std::size_t size = count * vocabulary_;
  if (type_ == OnnxType::float32) return {floats_.get() + start, size};
  converted_.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint16_t bits = halves_[start + i];
    converted_[i] = type_ == OnnxType::float16 ? float_from_half(bits) : float_from_brain(bits);
  }
  return converted_;
}

}  // namespace tenfold::onnxruntime
