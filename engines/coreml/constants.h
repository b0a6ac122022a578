// Constants of a program: as they lie in the package, or small ones unpacked.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/mil.h"
#include "kernels/weights.h"
#include "tenfold/result.h"
#include "tensor.h"

namespace tenfold::coreml {

/// Where constants come from. Both give what outlives the program.
struct ConstantSource {
  /// The stored elements of a constant that holds no strings.
  std::function<std::string_view(const MilValue& value)> bytes;
  /// The constant of this name; null if there is none.
  std::function<const MilValue*(const std::string& name)> named;
};

/// Makes tensors of constants, and owns what memory they need beside the package.
class Constants {
 public:
  explicit Constants(ConstantSource source) : source_(std::move(source)) {}

  /// A view where numbers are f32, f16 or i32 already, else a copy. No strings. bad_model if it has
  /// not the size that its type says.
  Result<Tensor> tensor(const MilValue& value);

  /// What a constexpr operation stands for: packed where the kernels take weights of its form, else
  /// as halves. unsupported for forms that are not read.
  Result<Tensor> unfolded(const MilOperation& operation);

  /// Packed weights as halves.
  Tensor unpacked(const Tensor& packed);
  /// A dense copy as f32 or i32.
  Tensor kept(const Tensor& tensor);
  /// A dense copy, of halves if they are.
  Tensor turned(const Tensor& view);
  const kernels::Weights* keep(const kernels::Weights& weights);
  /// Zeros.
  std::byte* room(std::size_t bytes);

  /// What it takes beside the package.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  Result<const MilValue*> operand(const MilOperation& operation, std::string_view name) const;
  Result<const MilValue*> needed(const MilOperation& operation, std::string_view name) const;
  Result<Tensor> scaled(const MilOperation& operation);
  Result<Tensor> affine(const MilOperation& operation);
  Result<Tensor> palette(const MilOperation& operation);
  Result<Tensor> sparse(const MilOperation& operation);
  Result<Tensor> cast(const MilOperation& operation);
  [[nodiscard]] Result<void> check_length(const MilValue& value) const;
  Result<std::vector<float>> floats(const MilValue& value);
  Tensor halves(const Dims& shape, const std::function<float(std::int64_t)>& number);

  /// data - offset, times scale: each for a block of the data, or for all.
  struct Blocks {
    const MilValue* data;
    Dims shape;
    Dims counts;  ///< of blocks along each dimension
    std::vector<float> scales;
    std::vector<float> offsets;  ///< may be empty
    const MilValue* stored_scales;
  };
  Result<Tensor> from_blocks(const Blocks& blocks);

  ConstantSource source_;
  std::deque<std::vector<std::uint64_t>> rooms_;
  std::deque<kernels::Weights> weights_;
  std::size_t bytes_ = 0;
};

/// A shape as the matrix that kernels take: rows, and columns, behind which only ones may follow.
/// None if it has more dimensions.
struct MatrixSize {
  std::size_t rows = 0;
  std::size_t columns = 0;
};
std::optional<MatrixSize> matrix_size(const Dims& shape);

}  // namespace tenfold::coreml
