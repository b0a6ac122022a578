// Tensors of files as arrays of MLX.
#pragma once

#include <memory>
#include <optional>

#include "framework.h"
#include "weights.h"

namespace tenfold::mlx {

/// A copy. The memory of the tensor is given back.
mx::array to_array(const Tensor& tensor);
/// A copy as f32.
mx::array to_f32(const Tensor& tensor);

/// A matrix by which rows of f32 are multiplied, or whose rows are looked up.
class Linear {
 public:
  explicit Linear(const Matrix& matrix, std::optional<mx::array> bias = {});

  /// `x` [..., columns] · matrix transposed + bias: [..., rows], all f32.
  [[nodiscard]] mx::array multiply(const mx::array& x) const;
  /// The rows of these numbers: [count, columns], f32.
  [[nodiscard]] mx::array rows(const mx::array& numbers) const;

  /// Bytes that a Linear of this matrix takes.
  static std::uint64_t bytes(const Matrix& matrix);

 private:
  std::optional<PackedForm> form_;
  mx::array weight_;
  std::optional<mx::array> scales_;
  std::optional<mx::array> biases_;
  std::optional<mx::array> bias_;
};

}  // namespace tenfold::mlx
