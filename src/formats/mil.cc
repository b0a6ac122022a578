#include "formats/mil.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace tenfold {
namespace {

struct ElementRow {
  MilElement element;
  std::string_view name;
  int bits;
};

constexpr std::array element_rows = {
    ElementRow{MilElement::boolean, "bool", 8},
    ElementRow{MilElement::string, "string", 0},
    ElementRow{MilElement::f16, "fp16", 16},
    ElementRow{MilElement::f32, "fp32", 32},
    ElementRow{MilElement::f64, "fp64", 64},
    ElementRow{MilElement::bf16, "bf16", 16},
    ElementRow{MilElement::f8e4m3fn, "fp8e4m3fn", 8},
    ElementRow{MilElement::f8e5m2, "fp8e5m2", 8},
    ElementRow{MilElement::i4, "int4", 4},
    ElementRow{MilElement::i8, "int8", 8},
    ElementRow{MilElement::i16, "int16", 16},
    ElementRow{MilElement::i32, "int32", 32},
    ElementRow{MilElement::i64, "int64", 64},
    ElementRow{MilElement::u1, "uint1", 1},
    ElementRow{MilElement::u2, "uint2", 2},
    ElementRow{MilElement::u3, "uint3", 3},
    ElementRow{MilElement::u4, "uint4", 4},
    ElementRow{MilElement::u6, "uint6", 6},
    ElementRow{MilElement::u8, "uint8", 8},
    ElementRow{MilElement::u16, "uint16", 16},
    ElementRow{MilElement::u32, "uint32", 32},
    ElementRow{MilElement::u64, "uint64", 64},
};

const ElementRow& row_of(MilElement element) {
  return *std::ranges::find(element_rows, element, &ElementRow::element);
}

constexpr std::int64_t most_elements = std::int64_t{1} << 48;

}  // namespace

std::string_view name_of(MilElement element) { return row_of(element).name; }

std::optional<MilElement> mil_element(std::string_view name) {
  const auto* row = std::ranges::find(element_rows, name, &ElementRow::name);
  if (row == element_rows.end()) return std::nullopt;
  return row->element;
}

int bits_of(MilElement element) { return row_of(element).bits; }

bool is_float(MilElement element) {
  switch (element) {
    case MilElement::f16:
    case MilElement::f32:
    case MilElement::f64:
    case MilElement::bf16:
    case MilElement::f8e4m3fn:
    case MilElement::f8e5m2:
      return true;
    default:
      return false;
  }
}

std::optional<std::int64_t> MilType::elements() const {
  if (std::ranges::any_of(shape, [](std::int64_t side) { return side < 0; })) return std::nullopt;
  if (std::ranges::find(shape, 0) != shape.end()) return 0;
  std::int64_t product = 1;
  for (const std::int64_t side : shape) {
    if (side > most_elements / product) return std::nullopt;
    product *= side;
  }
  return product;
}

std::optional<std::uint64_t> MilType::stored_bytes() const {
  const auto count = elements();
  if (!count || element == MilElement::string) return std::nullopt;
  return (static_cast<std::uint64_t>(*count) * static_cast<std::uint64_t>(bits_of(element)) + 7) /
         8;
}

std::string MilType::text() const {
  std::vector<std::string> sides;
  for (const std::int64_t side : shape) {
    sides.push_back(side == mil_unknown ? "?" : std::to_string(side));
  }
  const std::string tensor =
      fmt::format("tensor<{}, [{}]>", name_of(element), fmt::join(sides, ", "));
  return is_state ? fmt::format("state<{}>", tensor) : tensor;
}

const MilOperation::Input* MilOperation::input(std::string_view wanted) const {
  const auto found = std::ranges::find(inputs, wanted, &Input::name);
  return found == inputs.end() ? nullptr : &*found;
}

const MilValue* MilOperation::attribute(std::string_view wanted) const {
  const auto found = std::ranges::find_if(
      attributes, [&](const auto& attribute) { return attribute.first == wanted; });
  return found == attributes.end() ? nullptr : &found->second;
}

std::string MilOperation::text() const {
  return outputs.empty() ? type : fmt::format("{} ({})", type, outputs.front().name);
}

const MilFunction* MilProgram::function(std::string_view wanted) const {
  const auto found = std::ranges::find(functions, wanted, &MilFunction::name);
  return found == functions.end() ? nullptr : &*found;
}

}  // namespace tenfold
