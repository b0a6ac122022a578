// An open file descriptor with one owner.
#pragma once

#include <unistd.h>

#include <utility>

namespace tenfold {

/// Closes the descriptor at the end of its life; a negative one is none.
class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int get() const { return value_; }
  /// Gives it away.
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

}  // namespace tenfold
