// What a program gives an operator. It comes from a file that nobody vouches for.
#pragma once

#include <executorch/runtime/core/evalue.h>
#include <executorch/runtime/core/span.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kernels/attention.h"
#include "tenfold/result.h"

namespace tenfold::executorch {

using kernels::Attention;
using kernels::Element;
using kernels::HeadRows;

using Stack = ::executorch::runtime::Span<::executorch::runtime::EValue*>;
using Tensor = ::executorch::aten::Tensor;

/// A tensor of four dimensions in order, with memory behind it and no dimension of 0. `name` is
/// for errors.
struct Block {
  Tensor* tensor;
  const char* name;
  std::int64_t sizes[4];
  Element element;

  /// `where` is the place of the dimension that counts positions, 1 or 2; that of the heads is the
  /// other.
  [[nodiscard]] std::int64_t positions(int where) const { return sizes[where]; }
  [[nodiscard]] std::int64_t heads(int where) const { return sizes[3 - where]; }
  [[nodiscard]] HeadRows rows(int where) const;
};

/// The arguments of one call, by their places in the operator's schema. Every error is bad_model
/// and names the argument.
class Arguments {
 public:
  explicit Arguments(Stack stack) : stack_(stack) {}

  /// Whether there are as many as the schema has; some programs append the output once more.
  [[nodiscard]] Result<void> at_least(std::size_t count) const;

  /// The pointer is never null, and valid during the call.
  [[nodiscard]] Result<Tensor*> tensor(std::size_t place, const char* name) const;
  /// Null if the program gives None.
  [[nodiscard]] Result<Tensor*> optional_tensor(std::size_t place, const char* name) const;
  [[nodiscard]] Result<Block> block(std::size_t place, const char* name) const;
  /// The numbers of a tensor in order, which must be of this type and as many as that.
  [[nodiscard]] Result<const void*> numbers(std::size_t place, const char* name,
                                            ::executorch::aten::ScalarType type,
                                            std::int64_t count) const;
  [[nodiscard]] Result<std::int64_t> integer(std::size_t place, const char* name) const;
  [[nodiscard]] Result<bool> boolean(std::size_t place, const char* name) const;
  [[nodiscard]] Result<std::optional<double>> optional_number(std::size_t place,
                                                              const char* name) const;

 private:
  Stack stack_;
};

/// Arguments::numbers() of a tensor that is at hand.
Result<const void*> numbers(const Tensor& tensor, const char* name,
                            ::executorch::aten::ScalarType type, std::int64_t count);

/// The error of an argument.
Error wrong(const char* name, std::string_view what);

}  // namespace tenfold::executorch
