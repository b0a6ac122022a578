#include "framework.h"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace tenfold::mlc {
namespace {

constexpr DLDevice processor{kDLCPU, 0};
constexpr std::size_t longest_text = 400;

struct Borrow {
  const void* data;
  void AllocData(DLTensor* tensor) const { tensor->data = const_cast<void*>(data); }
  void FreeData(DLTensor* /*tensor*/) const {}
};

struct Own {
  static void AllocData(DLTensor* tensor) {
    const std::size_t bytes = ffi::GetDataSize(*tensor);
    tensor->data = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (tensor->data == nullptr) throw std::bad_alloc();
  }
  static void FreeData(DLTensor* tensor) { std::free(tensor->data); }
};

}  // namespace

std::string framework_version() { return TVM_VERSION; }

std::string text_of(const ffi::Error& error) {
  std::string text = error.message();
  text.resize(std::min(text.find('\n'), text.size()));
  if (text.size() > longest_text) text.resize(longest_text);
  return text;
}

ffi::Function runtime_function(const char* name) { return ffi::Function::GetGlobalRequired(name); }

ffi::Tensor view_of(const void* data, ffi::ShapeView shape, DLDataType type) {
  return ffi::Tensor::FromNDAlloc(Borrow{data}, shape, type, processor);
}

ffi::Tensor integers(std::span<const std::int32_t> numbers) {
  const auto count = static_cast<std::int64_t>(numbers.size());
  ffi::Tensor tensor = ffi::Tensor::FromNDAlloc(Own{}, ffi::ShapeView(&count, 1),
                                                DLDataType{kDLInt, 32, 1}, processor);
  std::ranges::copy(numbers, static_cast<std::int32_t*>(tensor.data_ptr()));
  return tensor;
}

ffi::Tensor reshaped(const ffi::Tensor& tensor, ffi::ShapeView shape) {
  const ffi::Shape strides = ffi::Shape::StridesFromShape(shape);
  return tensor.as_strided(shape, strides);
}

}  // namespace tenfold::mlc
