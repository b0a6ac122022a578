// The memory a graph writes its logits into, read as 32-bit floats.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "formats/onnx.h"

namespace tenfold::onnxruntime {

class Logits {
 public:
  Logits() = default;
  /// `type` is float32, float16 or bfloat16. Memory is touched as rows are written.
  Logits(OnnxType type, std::size_t rows, std::size_t vocabulary);

  [[nodiscard]] void* memory() {
    return type_ == OnnxType::float32 ? floats_.get() : static_cast<void*>(halves_.get());
  }

  /// The first `count` rows; valid until the graph writes again.
  [[nodiscard]] std::span<const float> read(std::size_t first_row, std::size_t count);

 private:
  OnnxType type_ = OnnxType::float32;
  std::size_t vocabulary_ = 0;
  std::unique_ptr<float[]> floats_;
  std::unique_ptr<std::uint16_t[]> halves_;
  std::vector<float> converted_;
};

}  // namespace tenfold::onnxruntime
