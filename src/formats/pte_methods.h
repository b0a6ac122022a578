// The methods of a program in a .pte file. Schema: schema/program.fbs of ExecuTorch 1.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/flatbuffer.h"

namespace tenfold {

/// A tensor as the program plans it; dynamic sizes are the greatest possible.
struct PteTensor {
  enum class Type : std::int8_t { int64 = 4, f16 = 5, f32 = 6, bf16 = 15 };

  Type type;  ///< also those of ScalarType that have no name here
  std::vector<std::int64_t> sizes;
};

/// One method (an ExecutionPlan). Its bytes outlive it.
class PteMethod {
 public:
  /// Those of the program that have a name, the first 1000.
  static std::vector<PteMethod> all(std::string_view program);

  [[nodiscard]] std::string_view name() const { return *plan_.string(0); }
  [[nodiscard]] std::uint32_t inputs() const { return plan_.size(3); }
  /// Absent if there is none, or it is no tensor.
  [[nodiscard]] std::optional<PteTensor> input(std::uint32_t number) const;
  [[nodiscard]] std::optional<PteTensor> output(std::uint32_t number) const;
  /// The whole numbers and truth values that a method without inputs gives; absent if it gives
  /// something else.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> constants() const;
  /// "NAMESPACE::NAME.OVERLOAD" of what it calls.
  [[nodiscard]] std::vector<std::string> operators() const;
  /// What its parts are delegated to, each once.
  [[nodiscard]] std::vector<std::string_view> backends() const;

 private:
  explicit PteMethod(FlatTable plan) : plan_(plan) {}

  [[nodiscard]] std::optional<FlatTable> value(int field, std::uint32_t number) const;

  FlatTable plan_;
};

}  // namespace tenfold
