// The Walsh-Hadamard transform, for the rotations that a model quantized by SpinQuant makes while
// it runs.
#include <executorch/runtime/core/exec_aten/util/tensor_util.h>
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "kernels/elements.h"
#include "llm_ops/operators.h"

namespace tenfold::executorch {
namespace {

using ::executorch::aten::ScalarType;

constexpr std::size_t special = 28;  // the order of the matrix that is no power of two

/// Williamson's matrix of order 28: blocks A B C D / -B A -D C / -C D A -B / -D -C B A, each a
/// circulant of order 7.
constexpr auto williamson = [] {
  constexpr int first_rows[4][7] = {{1, -1, -1, -1, -1, -1, -1},
                                    {-1, -1, 1, 1, 1, 1, -1},
                                    {-1, 1, -1, 1, 1, -1, 1},
                                    {-1, 1, 1, -1, -1, 1, 1}};
  constexpr int blocks[4][4] = {{0, 1, 2, 3}, {1, 0, 3, 2}, {2, 3, 0, 1}, {3, 2, 1, 0}};
  constexpr int signs[4][4] = {{1, 1, 1, 1}, {-1, 1, -1, 1}, {-1, 1, 1, -1}, {-1, -1, 1, 1}};
  std::array<std::array<float, special>, special> matrix{};
  for (std::size_t i = 0; i < special; ++i) {
    for (std::size_t j = 0; j < special; ++j) {
      const int* row = first_rows[blocks[i / 7][j / 7]];
      matrix[i][j] = static_cast<float>(signs[i / 7][j / 7] * row[(j + 7 - i % 7) % 7]);
    }
  }
  return matrix;
}();

/// Sums and differences of pairs that lie ever farther apart.
void transform(float* numbers, std::size_t count) {
  for (std::size_t step = 1; step < count; step *= 2) {
    for (std::size_t first = 0; first < count; first += 2 * step) {
      for (std::size_t i = first; i < first + step; ++i) {
        const float left = numbers[i];
        const float right = numbers[i + step];
        numbers[i] = left + right;
        numbers[i + step] = left - right;
      }
    }
  }
  const float factor = 1 / std::sqrt(static_cast<float>(count));
  for (std::size_t i = 0; i < count; ++i) numbers[i] *= factor;
}

/// The numbers at the same place of each of 28 parts times Williamson's matrix.
void transform_across(float* numbers, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    std::array<float, special> sums{};
    for (std::size_t from = 0; from < special; ++from) {
      for (std::size_t to = 0; to < special; ++to) {
        sums[to] += numbers[from * count + i] * williamson[from][to];
      }
    }
    for (std::size_t to = 0; to < special; ++to) numbers[to * count + i] = sums[to];
  }
}

}  // namespace

Result<void> fast_hadamard_transform(const Arguments& arguments) {
  TRY(arguments.at_least(2));
  const Tensor& mat = *TRY(arguments.tensor(0, "mat"));
  Tensor& out = *TRY(arguments.tensor(1, "out"));
  if (mat.dim() < 1 || mat.numel() < 1) return wrong("mat", "is empty");
  if (::executorch::runtime::resize_tensor(out, mat.sizes()) != ::executorch::runtime::Error::Ok) {
    return wrong("out", "cannot take the shape of mat");
  }
  const auto width = static_cast<std::size_t>(mat.size(mat.dim() - 1));
  const std::size_t parts = width % special == 0 ? special : 1;
  if (!std::has_single_bit(width / parts)) {
    return wrong("mat", fmt::format("has rows of {} numbers, neither 2^n nor 28 * 2^n", width));
  }
  HeadRows rows;
  if (mat.scalar_type() == ScalarType::Half) {
    rows.element = Element::f16;
  } else if (mat.scalar_type() != ScalarType::Float) {
    return wrong("mat", "is neither of f32 nor of f16");
  }
  rows.data = TRY(numbers(mat, "mat", mat.scalar_type(), mat.numel()));
  TRY(numbers(out, "out", mat.scalar_type(), mat.numel()));
  std::vector<float> row(width);
  for (std::size_t i = 0; i < static_cast<std::size_t>(mat.numel()) / width; ++i) {
    kernels::read_row(rows, i, width, 1, row.data());
    for (std::size_t part = 0; part < parts; ++part) {
      transform(row.data() + part * (width / parts), width / parts);
    }
    if (parts == special) transform_across(row.data(), width / parts);
    kernels::write_row(row.data(), width, rows.element, out.mutable_data_ptr(), i);
  }
  return {};
}

}  // namespace tenfold::executorch
