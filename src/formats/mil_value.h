// Elements of constants from the numbers that the two forms of an ML program hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "formats/mil.h"

namespace tenfold {

/// A DataType of MIL.proto; none for one that is not known.
std::optional<MilElement> mil_element_of_protobuf(std::int64_t type);

/// Appends a whole number as an element of the value's type, of 8 bits or more. False if the type
/// cannot hold it.
[[nodiscard]] bool append_mil_number(std::int64_t number, MilValue& value);

/// The same of a type of less than 8 bits, as the value's element number `index`.
[[nodiscard]] bool append_mil_bits(std::int64_t number, std::size_t index, MilValue& value);

/// The same of any number, rounded to the nearest of the type.
[[nodiscard]] bool append_mil_float(double number, MilValue& value);

}  // namespace tenfold
