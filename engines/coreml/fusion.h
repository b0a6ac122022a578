// Finds what several operations of a program compute together, and makes one operation of it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/mil.h"
#include "tensor.h"

namespace tenfold::coreml {

// Types of the operations that fuse() makes; MIL has none of these names.
constexpr std::string_view fused_attention =
    "fused_attention";  ///< query key value attn_mask scale
constexpr std::string_view fused_gelu_gate = "fused_gelu_gate";  ///< x y
constexpr std::string_view fused_rms_norm = "fused_rms_norm";    ///< x weight epsilon
constexpr std::string_view fused_rotary = "fused_rotary";        ///< x cos sin
constexpr std::string_view fused_silu_gate = "fused_silu_gate";  ///< x y

/// What fuse() knows and makes of constants.
struct FusionConstants {
  /// Null for what is computed.
  std::function<const Tensor*(const std::string& name)> find;
  /// The text of a constant; empty if it is none.
  std::function<std::string(const std::string& name)> text;
  /// Adds a number and gives its name.
  std::function<std::string(float number)> add;
};

/// Root mean square norms, rotary embeddings, gates and attention, as coremltools writes them from
/// torch: an operation that ends such a pattern becomes the whole of it. What only it needed is
/// left where it was, for the caller to remove. `operations` are in an order in which names are
/// defined before they are used, and stay so.
void fuse(std::vector<MilOperation>& operations, const FusionConstants& constants);

}  // namespace tenfold::coreml
