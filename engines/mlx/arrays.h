// Tensors of files as arrays of MLX.
#pragma once

#include <optional>
#include <span>

#include "own_kernels.h"
#include "weights.h"

namespace tenfold::mlx {

/// A copy. The memory of the tensor is given back.
mx::array to_array(const Tensor& tensor);
/// Those of an array of f32 that is computed, in one piece.
std::span<const float> numbers_of(const mx::array& array);
/// A copy as f32.
mx::array to_f32(const Tensor& tensor);

/// A matrix by which rows of f32 are multiplied, or whose rows are looked up.
class Linear {
 public:
  /// With `own` the matrix stays in the mapped file, which outlives this, as `own` does; without it
  /// is copied for MLX's own operators.
  Linear(const Matrix& matrix, std::optional<mx::array> bias, OwnKernels* own);

  /// `x` [..., columns] · matrix transposed + bias: [..., rows], all f32.
  [[nodiscard]] mx::array multiply(const mx::array& x) const;
  /// The rows of these numbers: [count, columns], f32.
  [[nodiscard]] mx::array rows(std::span<const TokenId> numbers) const;

 private:
  OwnKernels* own_;
  kernels::Weights view_;
  std::optional<PackedForm> form_;
  std::optional<mx::array> weight_;
  std::optional<mx::array> scales_;
  std::optional<mx::array> biases_;
  std::optional<mx::array> bias_;
};

}  // namespace tenfold::mlx
