#include "ffi.h"

#include <cstdlib>

extern "C" {
// TVM's code has the same pointer; the linker makes one of both.
__attribute__((weak)) int (*__TVMBackendParallelLaunch)(ParallelTask, void*, int) = nullptr;
}

namespace mlc {

Scratch::~Scratch() { std::free(memory_); }

void* Scratch::reserve_bytes(std::size_t bytes) {
  if (bytes > bytes_) {
    std::free(memory_);
    bytes_ = (bytes + 4095) / 4096 * 4096;
    memory_ = std::aligned_alloc(64, bytes_);
    if (memory_ == nullptr) std::abort();
  }
  return memory_;
}

}  // namespace mlc
