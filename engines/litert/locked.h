// A buffer's memory for as long as it is locked.
#pragma once

#include <utility>

#include "handles.h"

namespace tenfold::litert {

class Locked {
 public:
  /// `mode`: lock_for_reading or lock_for_writing. The buffer outlives the lock.
  static Result<Locked> lock(const Api& api, TensorBufferT* buffer, int mode) {
    void* memory = nullptr;
    if (const Status status = api.LockTensorBuffer(buffer, &memory, mode); status != ok_status) {
      return library_error("reach a tensor's memory", status, ErrorCode::internal);
    }
    return Locked(api, buffer, memory);
  }
  Locked(Locked&& other) noexcept
      : api_(other.api_), buffer_(std::exchange(other.buffer_, nullptr)), memory_(other.memory_) {}
  Locked& operator=(Locked&&) = delete;
  ~Locked() {
    if (buffer_ != nullptr) api_.UnlockTensorBuffer(buffer_);
  }

  template <typename T>
  [[nodiscard]] T* as() const {
    return static_cast<T*>(memory_);
  }

 private:
  Locked(const Api& api, TensorBufferT* buffer, void* memory)
      : api_(api), buffer_(buffer), memory_(memory) {}
  const Api& api_;
  TensorBufferT* buffer_;
  void* memory_;
};

}  // namespace tenfold::litert
