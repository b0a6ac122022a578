// What bounds the memory of an ML program that is read from an untrusted file.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenfold {

constexpr std::size_t longest_mil_name = 4096;
constexpr std::size_t most_mil_sides = 16;
/// Numbers or strings of one constant that stands in the program itself; coremltools puts those of
/// ten and more into the file of weights.
constexpr std::size_t most_mil_numbers = std::size_t{1} << 18U;

/// Of one operation, by name; many values of one input are not counted.
constexpr std::size_t most_mil_inputs = 64;
/// Inputs and states, or outputs, of one function.
constexpr std::size_t most_mil_tensors = 1000;
constexpr std::size_t most_mil_functions = 64;

/// What an operation takes beside its parts: lists grow by doubling.
constexpr std::size_t mil_operation_bytes = 384;

/// Counts what a program takes while it is built: 32 MiB are about 30,000 operations with their
/// constants, and parts of models of 8 billion parameters have 10,000.
class MilBudget {
 public:
  /// False if the program is too large now.
  [[nodiscard]] bool take(std::size_t bytes) {
    taken_ += bytes;
    return taken_ <= most;
  }

 private:
  static constexpr std::uint64_t most = std::uint64_t{32} << 20U;
  std::uint64_t taken_ = 0;
};

}  // namespace tenfold
