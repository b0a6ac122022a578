// Sizes of a tensor's dimensions, or its strides: few numbers, kept without an allocation.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

namespace tenfold::coreml {

class Dims {
 public:
  /// Operators refuse to make tensors of more.
  static constexpr std::size_t most = 8;

  Dims() = default;
  Dims(std::initializer_list<std::int64_t> values) : count_(values.size()) {
    std::copy(values.begin(), values.end(), values_.begin());
  }
  Dims(std::size_t count, std::int64_t value) : count_(count) {
    std::fill_n(values_.begin(), count, value);
  }

  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  std::int64_t& operator[](std::size_t i) { return values_[i]; }
  std::int64_t operator[](std::size_t i) const { return values_[i]; }
  std::int64_t& back() { return values_[count_ - 1]; }
  [[nodiscard]] std::int64_t back() const { return values_[count_ - 1]; }
  std::int64_t* begin() { return values_.data(); }
  std::int64_t* end() { return values_.data() + count_; }
  [[nodiscard]] const std::int64_t* begin() const { return values_.data(); }
  [[nodiscard]] const std::int64_t* end() const { return values_.data() + count_; }
  void push_back(std::int64_t value) { values_[count_++] = value; }
  void insert(std::size_t at, std::int64_t value) {
    ++count_;
    std::copy_backward(begin() + at, end() - 1, end());
    values_[at] = value;
  }
  void erase(std::size_t at) {
    std::copy(begin() + at + 1, end(), begin() + at);
    --count_;
  }
  bool operator==(const Dims& other) const {
    return std::equal(begin(), end(), other.begin(), other.end());
  }

 private:
  std::array<std::int64_t, most> values_{};
  std::size_t count_ = 0;
};

/// Sizes from elsewhere; none if they are too many or one is negative.
std::optional<Dims> dims_of(std::span<const std::int64_t> sizes);

/// The product; no shape that a tensor here has makes it overflow.
inline std::int64_t count_of(const Dims& shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

/// Strides of a tensor that lies row by row.
Dims row_major(const Dims& shape);

/// E.g. "[1, 12, 64]".
std::string text_of(const Dims& shape);

}  // namespace tenfold::coreml
