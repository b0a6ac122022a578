// The paged KV cache of TVM, and how many tokens each of its sequences holds.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "framework.h"
#include "metadata.h"

namespace tenfold::mlc {

/// Tokens that one sequence gets in one forward().
struct Appended {
  int sequence = 0;
  int count = 0;
};

/// All calls throw what TVM throws.
class Cache {
 public:
  /// `create` is the library's function; `context`: tokens of each sequence.
  Cache(const ffi::Function& create, const Metadata& metadata, int sequences, int context);

  /// Bytes that it takes.
  static std::uint64_t bytes(const Metadata& metadata, int sequences, int context);

  [[nodiscard]] int sequences() const { return static_cast<int>(lengths_.size()); }
  [[nodiscard]] int length(int sequence) const { return lengths_[index(sequence)]; }

  /// Calls `compute()`, which looks at the cache and appends to it. Where that throws, the
  /// sequences are empty.
  template <typename Compute>
  auto forward(std::span<const Appended> parts, const Compute& compute) {
    try {
      begin(parts);
      auto result = compute();
      end();
      for (const Appended& part : parts) lengths_[index(part.sequence)] += part.count;
      return result;
    } catch (...) {
      for (const Appended& part : parts) empty(part.sequence);
      throw;
    }
  }

  /// Keeps the first `length` tokens, no more than it has.
  void cut(int sequence, int length);
  /// Makes `to` hold the first `length` tokens of `from`, another sequence with that many.
  void fork(int from, int to, int length);

  [[nodiscard]] const ffi::Any& state() const { return state_; }

 private:
  static std::size_t index(int sequence) { return static_cast<std::size_t>(sequence); }
  void begin(std::span<const Appended> parts);
  void end();
  void empty(int sequence);

  ffi::Function add_, remove_, fork_, cut_, begin_, end_;
  ffi::Any state_;
  std::vector<int> lengths_;
};

}  // namespace tenfold::mlc
