// Processors by the names that compilers have for what they can do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenfold {

/// The sets of instructions this processor has, the largest first: "x86-64-v4-vnni", "x86-64-v4",
/// "x86-64-v3", "x86-64-v2", "x86-64", as the System V ABI numbers them ("-vnni": with AVX-512
/// VNNI); "aarch64" elsewhere.
std::vector<std::string> processor_levels();

}  // namespace tenfold
