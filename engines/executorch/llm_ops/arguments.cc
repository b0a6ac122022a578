#include "llm_ops/arguments.h"

#include <executorch/runtime/core/exec_aten/exec_aten.h>
#include <executorch/runtime/core/exec_aten/util/dim_order_util.h>
#include <executorch/runtime/core/exec_aten/util/scalar_type_util.h>
#include <fmt/format.h>

namespace tenfold::executorch {

using ::executorch::aten::ScalarType;
using ::executorch::runtime::EValue;

namespace {

bool in_order(const Tensor& tensor) {
  return ::executorch::runtime::is_contiguous_dim_order(tensor.dim_order().data(),
                                                        tensor.dim_order().size());
}

}  // namespace

Error wrong(const char* name, std::string_view what) {
  return fail(ErrorCode::bad_model, fmt::format("its argument {} {}", name, what));
}

Result<void> Arguments::at_least(std::size_t count) const {
  if (stack_.size() < count) {
    return fail(ErrorCode::bad_model,
                fmt::format("it has {} arguments instead of {}", stack_.size(), count));
  }
  return {};
}

Result<Tensor*> Arguments::tensor(std::size_t place, const char* name) const {
  EValue& value = *stack_[place];
  if (!value.isTensor()) return wrong(name, "is no tensor");
  return &value.toTensor();
}

Result<Tensor*> Arguments::optional_tensor(std::size_t place, const char* name) const {
  if (stack_[place]->isNone()) return nullptr;
  return tensor(place, name);
}

Result<std::int64_t> Arguments::integer(std::size_t place, const char* name) const {
  if (!stack_[place]->isInt()) return wrong(name, "is no whole number");
  return stack_[place]->toInt();
}

Result<bool> Arguments::boolean(std::size_t place, const char* name) const {
  if (!stack_[place]->isBool()) return wrong(name, "is neither true nor false");
  return stack_[place]->toBool();
}

Result<std::optional<double>> Arguments::optional_number(std::size_t place,
                                                         const char* name) const {
  const EValue& value = *stack_[place];
  if (value.isNone()) return std::optional<double>();
  if (!value.isDouble()) return wrong(name, "is no number");
  return std::optional(value.toDouble());
}

HeadRows Block::rows(int where) const {
  HeadRows rows;
  rows.data = tensor->const_data_ptr();
  rows.element = element;
  rows.batch_stride = sizes[1] * sizes[2];
  (where == 1 ? rows.position_stride : rows.head_stride) = sizes[2];
  (where == 1 ? rows.head_stride : rows.position_stride) = 1;
  return rows;
}

Result<Block> Arguments::block(std::size_t place, const char* name) const {
  Tensor* tensor = TRY(this->tensor(place, name));
  Block block{tensor, name, {}, Element::other};
  if (tensor->dim() != 4)
    return wrong(name, fmt::format("has {} dimensions, not 4", tensor->dim()));
  switch (tensor->scalar_type()) {
    case ScalarType::Float:
      block.element = Element::f32;
      break;
    case ScalarType::Half:
      block.element = Element::f16;
      break;
    case ScalarType::BFloat16:
      block.element = Element::bf16;
      break;
    case ScalarType::Char:
      block.element = Element::i8;
      break;
    default:
      block.element = Element::other;
  }
  for (int i = 0; i < 4; ++i) {
    block.sizes[i] = tensor->size(i);
    if (block.sizes[i] < 1) return wrong(name, "is empty");
  }
  if (!in_order(*tensor)) return wrong(name, "has its dimensions in another order");
  if (tensor->const_data_ptr() == nullptr) return wrong(name, "has no memory");
  return block;
}

Result<const void*> Arguments::numbers(std::size_t place, const char* name, ScalarType type,
                                       std::int64_t count) const {
  const Tensor* tensor = TRY(this->tensor(place, name));
  return executorch::numbers(*tensor, name, type, count);
}

Result<const void*> numbers(const Tensor& tensor, const char* name, ScalarType type,
                            std::int64_t count) {
  if (tensor.scalar_type() != type) {
    return wrong(name, fmt::format("is of the type {}, not {}",
                                   ::executorch::runtime::toString(tensor.scalar_type()),
                                   ::executorch::runtime::toString(type)));
  }
  if (tensor.numel() != count) {
    return wrong(name, fmt::format("has {} numbers, not {}", tensor.numel(), count));
  }
  if (!in_order(tensor)) return wrong(name, "has its dimensions in another order");
  if (tensor.const_data_ptr() == nullptr) return wrong(name, "has no memory");
  return tensor.const_data_ptr();
}

}  // namespace tenfold::executorch
