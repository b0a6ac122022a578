// How an operation of MIL becomes work: parameters are read once, what is computed comes later.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/mil.h"
#include "kernels/linear.h"
#include "kernels/threads.h"
#include "tenfold/result.h"
#include "tensor.h"

namespace tenfold::coreml {

/// What work uses while it runs; none of it owned.
struct Machine {
  kernels::Threads& threads;
  Memory& memory;
  kernels::Precision precision = kernels::Precision::fast;
};

using Inputs = std::span<const Tensor* const>;
using Outputs = std::span<Tensor>;

/// Computes the outputs, which may share memory with inputs. Its errors need not name the
/// operation. Throws std::bad_alloc.
using Work = std::function<Result<void>(Machine& machine, Inputs inputs, Outputs outputs)>;

/// The parameters of one operation. Those that work needs while it runs are taken, in the order in
/// which it finds them among its inputs; the others are constants.
class Parameters {
 public:
  /// Gives a constant by its name, null for what is computed.
  using Constants = std::function<const Tensor*(const std::string& name)>;
  using Strings = std::function<const std::string*(const std::string& name)>;

  Parameters(const MilOperation& operation, Constants constants, Strings strings, bool in_place)
      : operation_(operation),
        constants_(std::move(constants)),
        strings_(std::move(strings)),
        in_place_(in_place) {}

  [[nodiscard]] const MilOperation& operation() const { return operation_; }
  [[nodiscard]] bool has(std::string_view name) const;
  /// Whether nobody looks at the operation's first input afterwards, but as its result.
  [[nodiscard]] bool in_place() const { return in_place_; }

  /// Number among the inputs of work; unsupported if it has none of this name.
  Result<std::size_t> take(std::string_view name);
  Result<std::optional<std::size_t>> take_if(std::string_view name);
  /// Of "values": all of them, the first one's number.
  Result<std::size_t> take_all(std::string_view name, std::size_t& count);

  /// Null if it has none of this name, or it is computed.
  [[nodiscard]] const Tensor* constant(std::string_view name) const;
  /// Constants; `otherwise` where there is none of this name. unsupported if it is computed.
  [[nodiscard]] Result<std::vector<std::int64_t>> integers(
      std::string_view name, std::vector<std::int64_t> otherwise = {}) const;
  [[nodiscard]] Result<std::int64_t> integer(std::string_view name, std::int64_t otherwise) const;
  [[nodiscard]] Result<float> number(std::string_view name, float otherwise) const;
  [[nodiscard]] Result<std::string> text(std::string_view name, std::string otherwise) const;

  /// Names of what was taken.
  [[nodiscard]] const std::vector<std::string>& taken() const { return taken_; }

 private:
  [[nodiscard]] const std::string* only(std::string_view name) const;

  const MilOperation& operation_;
  Constants constants_;
  Strings strings_;
  bool in_place_;
  std::vector<std::string> taken_;
};

struct OperatorRow {
  std::string_view type;
  Result<Work> (*build)(Parameters& parameters);
};

// Each source's own.
std::span<const OperatorRow> unary_operators();
std::span<const OperatorRow> binary_operators();
std::span<const OperatorRow> reduction_operators();
std::span<const OperatorRow> shape_operators();
std::span<const OperatorRow> slice_operators();
std::span<const OperatorRow> gather_operators();
std::span<const OperatorRow> matrix_operators();
std::span<const OperatorRow> normalization_operators();
std::span<const OperatorRow> fused_operators();

/// Null if there is none of this type.
const OperatorRow* find_operator(std::string_view type);

/// Types of MIL that run here, in order.
std::vector<std::string_view> operator_types();

/// A dimension from its number, from the end if negative; invalid if there is none.
Result<std::size_t> axis_of(std::int64_t axis, std::size_t dimensions);

/// bad_model: what a program asks for cannot be.
Error wrong(std::string message);

/// Sizes that operators make tensors of; bad_model if they are no shape, or beyond what is sane.
Result<Dims> shape_of(std::span<const std::int64_t> sizes);

}  // namespace tenfold::coreml
