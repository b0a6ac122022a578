// Which operations of ML programs the Core ML engine computes: the one list that import, pull and
// every load check, and that the engine's tests hold against what it has.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "formats/mil.h"
#include "tenfold/result.h"

namespace tenfold {

/// In alphabetical order.
std::span<const std::string_view> mil_operations();

/// unsupported, naming the operation, the function and the package (`name`), if one of another type
/// is in the function.
Result<void> check_mil_operations(const MilFunction& function, const std::string& name);

}  // namespace tenfold
