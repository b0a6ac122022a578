// The kernels of a compiled MLC library as TVM's virtual machine calls them: its C ABI for
// functions and tensors (tvm/ffi/c_api.h, dlpack.h) and its threads.
#pragma once

#include <tvm/ffi/c_api.h>

#include <cstddef>
#include <cstdint>

extern "C" {
/// TVM's pool, filled in when the library is loaded (tvm/runtime/c_backend_api.h).
struct TVMParallelGroupEnv {
  void* sync_handle;
  std::int32_t num_task;
};
using ParallelTask = int (*)(int, TVMParallelGroupEnv*, void*);
__attribute__((visibility("default"))) extern int (*__TVMBackendParallelLaunch)(ParallelTask, void*,
                                                                                int);
}

namespace mlc {

/// Arguments of a call; the compiler of the library wrote them, so their types are not in doubt.
struct Arguments {
  const TVMFFIAny* values;

  const DLTensor& tensor(int i) const {
    const TVMFFIAny& value = values[i];
    return value.type_index == kTVMFFIDLTensorPtr ? *static_cast<DLTensor*>(value.v_ptr)
                                                  : *TVMFFITensorGetDLTensorPtr(value.v_obj);
  }
  std::int64_t integer(int i) const { return values[i].v_int64; }
  double number(int i) const {
    const TVMFFIAny& value = values[i];
    return value.type_index == kTVMFFIInt ? static_cast<double>(value.v_int64) : value.v_float64;
  }
};

template <class T>
T* data(const DLTensor& tensor) {
  return reinterpret_cast<T*>(static_cast<char*>(tensor.data) + tensor.byte_offset);
}

inline bool is_half(const DLTensor& tensor) {
  return tensor.dtype.code == kDLFloat && tensor.dtype.bits == 16;
}

/// Product of all sizes but the last.
inline std::int64_t rows_of(const DLTensor& tensor) {
  std::int64_t rows = 1;
  for (int i = 0; i + 1 < tensor.ndim; ++i) rows *= tensor.shape[i];
  return rows;
}

inline std::int64_t width_of(const DLTensor& tensor) { return tensor.shape[tensor.ndim - 1]; }

/// Calls work(begin(), i) for each i below `count`, on all threads of the pool where `worth`
/// multiplications repay waking them. A thread begins once and takes the next i when it is free, so
/// one that the system holds back doesn't hold back the others' share.
template <class Begin, class Work>
void parallel(std::int64_t count, std::int64_t worth, const Begin& begin, const Work& work) {
  constexpr std::int64_t kWorthWaking = 100'000;
  struct Shared {
    const Begin& begin;
    const Work& work;
    std::int64_t count;
    std::int64_t next;

    void run() {
      std::int64_t i = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED);
      if (i >= count) return;
      const auto state = begin();
      for (; i < count; i = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED)) work(state, i);
    }
  } shared{begin, work, count, 0};
  if (count <= 1 || worth < kWorthWaking || __TVMBackendParallelLaunch == nullptr) {
    shared.run();
    return;
  }
  const auto run = [](int, TVMParallelGroupEnv*, void* given) {
    static_cast<Shared*>(given)->run();
    return 0;
  };
  __TVMBackendParallelLaunch(run, &shared, 0);
}

template <class Work>
void parallel(std::int64_t count, std::int64_t worth, const Work& work) {
  parallel(
      count, worth, [] { return 0; }, [&](int, std::int64_t i) { work(i); });
}

/// Memory of a thread that is used again by the next call; 64-byte aligned.
class Scratch {
 public:
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  /// At least this many bytes, which hold until the next call. Ends the process if there is no
  /// memory, as TVM's own allocations in a pool's thread would.
  template <class T>
  T* reserve(std::int64_t count) {
    return static_cast<T*>(reserve_bytes(static_cast<std::size_t>(count) * sizeof(T)));
  }

 private:
  void* reserve_bytes(std::size_t bytes);

  void* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace mlc

/// Defines a function that the library exports under `name`; it returns 0 or -1 with TVM's error
/// set.
#define MLC_FUNCTION(name)                                                \
  static int run_##name(const mlc::Arguments& arguments);                 \
  extern "C" __attribute__((visibility("default"))) int __tvm_ffi_##name( \
      void*, const TVMFFIAny* values, std::int32_t, TVMFFIAny* result) {  \
    result->type_index = kTVMFFINone;                                     \
    return run_##name({values});                                          \
  }                                                                       \
  static int run_##name([[maybe_unused]] const mlc::Arguments& arguments)
