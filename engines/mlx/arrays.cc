#include "arrays.h"

#include <cstring>
#include <new>

#include "formats/mapped_file.h"

namespace tenfold::mlx {
namespace {

mx::Dtype type_of(Tensor::Type type) {
  switch (type) {
    case Tensor::Type::f16:
      return mx::float16;
    case Tensor::Type::bf16:
      return mx::bfloat16;
    case Tensor::Type::u32:
      return mx::uint32;
    case Tensor::Type::u8:
      return mx::uint8;
    case Tensor::Type::f32:
      break;
  }
  return mx::float32;
}

const char* mode_of(const PackedForm& form) {
  return form.kind == PackedForm::Kind::mxfp4 ? "mxfp4" : "affine";
}

}  // namespace

mx::array to_array(const Tensor& tensor) {
  auto memory = mx::allocator::malloc(tensor.bytes.size());
  void* place = memory.buffer().raw_ptr();
  if (place == nullptr) throw std::bad_alloc();
  std::memcpy(place, tensor.bytes.data(), tensor.bytes.size());
  MappedFile::let_go(tensor.bytes);
  return mx::array(std::move(memory), mx::Shape(tensor.shape.begin(), tensor.shape.end()),
                   type_of(tensor.type));
}

std::span<const float> numbers_of(const mx::array& array) {
  return {array.data<float>(), array.size()};
}

mx::array to_f32(const Tensor& tensor) {
  mx::array array = mx::astype(to_array(tensor), mx::float32);
  array.eval();
  return array;
}

// The scales too: with those of fewer bits MLX would compute in as few.
Linear::Linear(const Matrix& matrix, std::optional<mx::array> bias, OwnKernels* own)
    : own_(own), form_(matrix.form), bias_(std::move(bias)) {
  if (own_ != nullptr) {
    view_ = view_of(matrix);
    return;
  }
  weight_ = form_ ? to_array(matrix.weight) : to_f32(matrix.weight);
  if (!form_) return;
  const bool is_affine = form_->kind == PackedForm::Kind::affine;
  scales_ = is_affine ? to_f32(matrix.scales) : to_array(matrix.scales);
  if (is_affine) biases_ = to_f32(matrix.biases);
}

mx::array Linear::multiply(const mx::array& x) const {
  if (own_ != nullptr)
    return own_->multiply(view_, bias_ ? numbers_of(*bias_) : std::span<const float>(), x);
  const mx::array product = form_ ? mx::quantized_matmul(x, *weight_, *scales_, biases_, true,
                                                         form_->group, form_->bits, mode_of(*form_))
                                  : mx::matmul(x, mx::transpose(*weight_));
  return bias_ ? mx::add(product, *bias_) : product;
}

mx::array Linear::rows(std::span<const TokenId> numbers) const {
  if (own_ != nullptr) return own_->rows(view_, numbers);
  const mx::array ids(numbers.begin(), {static_cast<int>(numbers.size())}, mx::int32);
  const auto take = [&](const mx::array& from) { return mx::take(from, ids, 0); };
  if (!form_) return take(*weight_);
  std::optional<mx::array> biases;
  if (biases_) biases = take(*biases_);
  return mx::dequantize(take(*weight_), take(*scales_), biases, form_->group, form_->bits,
                        mode_of(*form_), std::nullopt, mx::float32);
}

}  // namespace tenfold::mlx
