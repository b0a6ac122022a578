#include "operator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tenfold::coreml {
namespace {

// Elements: more than any value of a language model has, as views take no memory for them.
constexpr std::int64_t most_elements = std::int64_t{1} << 32;

std::array<std::span<const OperatorRow>, 9> all() {
  return {unary_operators(),  binary_operators(),        reduction_operators(),
          shape_operators(),  slice_operators(),         gather_operators(),
          matrix_operators(), normalization_operators(), fused_operators()};
}

}  // namespace

const OperatorRow* find_operator(std::string_view type) {
  for (const auto rows : all()) {
    const auto found = std::ranges::find(rows, type, &OperatorRow::type);
    if (found != rows.end()) return &*found;
  }
  return nullptr;
}

std::vector<std::string_view> operator_types() {
  std::vector<std::string_view> types;
  for (const auto rows : all()) {
    for (const OperatorRow& row : rows) {
      if (!row.type.starts_with("fused_")) types.push_back(row.type);
    }
  }
  std::ranges::sort(types);
  return types;
}

Error wrong(std::string message) { return fail(ErrorCode::bad_model, std::move(message)); }

Result<std::size_t> axis_of(std::int64_t axis, std::size_t dimensions) {
  const auto rank = static_cast<std::int64_t>(dimensions);
  if (axis < -rank || axis >= rank) {
    return wrong(fmt::format("axis {} of a tensor of {} dimensions", axis, rank));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

Result<Dims> shape_of(std::span<const std::int64_t> sizes) {
  const auto dims = dims_of(sizes);
  if (!dims) {
    return wrong(sizes.size() > Dims::most ? fmt::format("{} dimensions, of which {} are possible",
                                                         sizes.size(), Dims::most)
                                           : "a size below 0");
  }
  std::int64_t count = 1;
  for (const std::int64_t size : *dims) {
    if (size > 0 && count > most_elements / size) {
      return wrong(fmt::format("a tensor of the shape {} is too large", text_of(*dims)));
    }
    count *= std::max<std::int64_t>(size, 1);
  }
  return *dims;
}

const std::string* Parameters::only(std::string_view name) const {
  const MilOperation::Input* input = operation_.input(name);
  return input == nullptr || input->arguments.size() != 1 ? nullptr : &input->arguments[0].name;
}

bool Parameters::has(std::string_view name) const { return operation_.input(name) != nullptr; }

Result<std::size_t> Parameters::take(std::string_view name) {
  const std::string* value = only(name);
  if (value == nullptr) return wrong(fmt::format("it has no single input {}", name));
  taken_.push_back(*value);
  return taken_.size() - 1;
}

Result<std::optional<std::size_t>> Parameters::take_if(std::string_view name) {
  if (!has(name)) return std::optional<std::size_t>();
  return std::optional<std::size_t>(TRY(take(name)));
}

Result<std::size_t> Parameters::take_all(std::string_view name, std::size_t& count) {
  const MilOperation::Input* input = operation_.input(name);
  if (input == nullptr || input->arguments.empty()) {
    return wrong(fmt::format("it has no input {}", name));
  }
  const std::size_t first = taken_.size();
  for (const MilArgument& argument : input->arguments) taken_.push_back(argument.name);
  count = input->arguments.size();
  return first;
}

const Tensor* Parameters::constant(std::string_view name) const {
  const std::string* value = only(name);
  return value == nullptr ? nullptr : constants_(*value);
}

Result<std::vector<std::int64_t>> Parameters::integers(std::string_view name,
                                                       std::vector<std::int64_t> otherwise) const {
  if (!has(name)) return otherwise;
  const Tensor* value = constant(name);
  if (value == nullptr || value->packed != nullptr) {
    return fail(ErrorCode::unsupported, fmt::format("its {} is no constant", name));
  }
  return integers_of(*value);
}

Result<std::int64_t> Parameters::integer(std::string_view name, std::int64_t otherwise) const {
  const auto values = TRY(integers(name, {otherwise}));
  if (values.size() != 1) return wrong(fmt::format("its {} is no single number", name));
  return values[0];
}

Result<float> Parameters::number(std::string_view name, float otherwise) const {
  if (!has(name)) return otherwise;
  const Tensor* value = constant(name);
  if (value == nullptr || value->packed != nullptr) {
    return fail(ErrorCode::unsupported, fmt::format("its {} is no constant", name));
  }
  if (value->count() != 1) return wrong(fmt::format("its {} is no single number", name));
  float result = 0;
  Tensor to;
  to.data = reinterpret_cast<std::byte*>(&result);
  to.shape = value->shape;
  to.strides = row_major(value->shape);
  copy(*value, to);
  return result;
}

Result<std::string> Parameters::text(std::string_view name, std::string otherwise) const {
  const std::string* value = only(name);
  if (value == nullptr) return otherwise;
  const std::string* found = strings_(*value);
  if (found == nullptr) return wrong(fmt::format("its {} is no constant text", name));
  return *found;
}

}  // namespace tenfold::coreml
