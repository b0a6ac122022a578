#include "formats/mil_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tenfold {
namespace {

constexpr auto operations = std::to_array<std::string_view>({
    "abs",
    "add",
    "band_part",
    "cast",
    "ceil",
    "clip",
    "concat",
    "const",
    "constexpr_affine_dequantize",
    "constexpr_blockwise_shift_scale",
    "constexpr_cast",
    "constexpr_lut_to_dense",
    "constexpr_sparse_to_dense",
    "conv",
    "cos",
    "cumsum",
    "elu",
    "equal",
    "erf",
    "exp",
    "exp2",
    "expand_dims",
    "fill",
    "fill_like",
    "flatten2d",
    "floor",
    "floor_div",
    "gather",
    "gather_along_axis",
    "gather_nd",
    "gelu",
    "greater",
    "greater_equal",
    "identity",
    "inverse",
    "l2_norm",
    "layer_norm",
    "leaky_relu",
    "less",
    "less_equal",
    "linear",
    "linear_activation",
    "log",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "matmul",
    "maximum",
    "minimum",
    "mod",
    "mul",
    "not_equal",
    "one_hot",
    "pad",
    "pow",
    "range_1d",
    "read_state",
    "real_div",
    "reduce_argmax",
    "reduce_argmin",
    "reduce_l1_norm",
    "reduce_l2_norm",
    "reduce_log_sum",
    "reduce_log_sum_exp",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_sum",
    "reduce_sum_square",
    "relu",
    "relu6",
    "reshape",
    "reverse",
    "round",
    "rsqrt",
    "scaled_dot_product_attention",
    "scatter_nd",
    "select",
    "shape",
    "sigmoid",
    "sigmoid_hard",
    "sign",
    "silu",
    "sin",
    "slice_by_index",
    "slice_by_size",
    "slice_update",
    "softmax",
    "softplus",
    "softsign",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "sub",
    "tanh",
    "threshold",
    "tile",
    "topk",
    "transpose",
    "write_state",
});
static_assert(std::ranges::is_sorted(operations));

}  // namespace

std::span<const std::string_view> mil_operations() { return operations; }

Result<void> check_mil_operations(const MilFunction& function, const std::string& name) {
  for (const MilOperation& operation : function.operations) {
    if (std::ranges::binary_search(operations, operation.type)) continue;
    return fail(ErrorCode::unsupported,
                fmt::format("{}: in function {}, operation {} is not one that is computed here",
                            name, function.name, operation.text()),
                "docs/coreml.md lists the operations that are");
  }
  return {};
}

}  // namespace tenfold
