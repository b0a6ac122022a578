// TVM in this process: its names, its version, and where its exceptions end.
#pragma once

#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/extra/module.h>
#include <tvm/ffi/function.h>

#include <span>
#include <stdexcept>
#include <string>

#include "base/barrier.h"

namespace tenfold::mlc {

namespace ffi = ::tvm::ffi;

std::string framework_version();

/// What TVM says is wrong, in one line.
std::string text_of(const ffi::Error& error);

/// barrier() around calls of TVM.
template <typename Work>
auto guarded(Work&& work) -> decltype(work()) {
  return barrier("TVM", [&] {
    try {
      return work();
    } catch (const ffi::Error& error) {
      throw std::runtime_error(text_of(error));
    }
  });
}

/// A function of the runtime, such as "vm.builtin.kv_state_popn". Throws if it has none.
ffi::Function runtime_function(const char* name);

/// Views of memory that outlives them; 64 bytes is what compiled code takes for granted.
inline constexpr std::size_t alignment = 64;
ffi::Tensor view_of(const void* data, ffi::ShapeView shape, DLDataType type);
/// A vector of its own.
ffi::Tensor integers(std::span<const std::int32_t> numbers);
/// The same numbers in another shape.
ffi::Tensor reshaped(const ffi::Tensor& tensor, ffi::ShapeView shape);

}  // namespace tenfold::mlc
