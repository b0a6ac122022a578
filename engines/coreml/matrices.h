// Products of matrices, for the operators that have them.
#pragma once

#include <optional>

#include "operator.h"

namespace tenfold::coreml {

/// The weights of a linear layer in a tensor [outputs, inputs], in which further dimensions are
/// one: packed, or f16 or f32 that lie row by row. None for all else.
std::optional<kernels::Weights> weights_of(const Tensor& tensor);

/// x[…, m, k] times y[…, k, n], either of them turned; what is before is stretched.
Result<Tensor> product(Machine& machine, const Tensor& x, const Tensor& y, bool turns_x,
                       bool turns_y);

/// softmax(scale * queries * keys^T + mask) * values over the last two dimensions. Keys and values
/// may have the dimension of heads in two, [heads, repetitions], as the result of a tile; `mask`
/// may be null, and of booleans.
Result<Tensor> attention(Machine& machine, const Tensor& queries, const Tensor& keys,
                         const Tensor& values, const Tensor* mask, float scale);

}  // namespace tenfold::coreml
