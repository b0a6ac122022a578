// A row of integers in the width a graph asks for.
#pragma once

#include <cstdint>
#include <vector>

#include "formats/onnx.h"

namespace tenfold::onnxruntime {

class Integers {
 public:
  Integers() = default;
  /// `type` is int64 or int32.
  Integers(OnnxType type, std::size_t size) : type_(type) {
    (type == OnnxType::int64 ? wide_.resize(size) : narrow_.resize(size));
  }

  [[nodiscard]] OnnxType type() const { return type_; }
  void set(std::size_t at, std::int64_t value) {
    if (type_ == OnnxType::int64) {
      wide_[at] = value;
    } else {
      narrow_[at] = static_cast<std::int32_t>(value);
    }
  }
  /// Memory that starts with the element at `at`.
  [[nodiscard]] void* from(std::size_t at) {
    return type_ == OnnxType::int64 ? static_cast<void*>(wide_.data() + at) : narrow_.data() + at;
  }

 private:
  OnnxType type_ = OnnxType::int64;
  std::vector<std::int64_t> wide_;
  std::vector<std::int32_t> narrow_;
};

}  // namespace tenfold::onnxruntime
