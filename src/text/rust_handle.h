// Helpers for calling the C ABI of the Rust library: views of strings, owned results, handles.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "text/text_abi.h"

#ifdef TENFOLD_THREAD_SANITIZED
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif

namespace tenfold {

/// Stands around each call into the library. The thread sanitizer sees the library's malloc and
/// memcpy, but not the atomics that order them, and would report races that are none.
class RustCall {
 public:
#ifdef TENFOLD_THREAD_SANITIZED
  RustCall() {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }
  ~RustCall() {
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  }
#else
  RustCall() {}
#endif
  RustCall(const RustCall&) = delete;
  RustCall& operator=(const RustCall&) = delete;
};

/// Valid as long as `text`.
inline TenfoldView rust_view(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view from_rust_view(TenfoldView view) {
  return {reinterpret_cast<const char*>(view.data), view.size};
}

/// The content of `bytes`, which is freed.
inline std::string take_rust_bytes(TenfoldBytes bytes) {
  std::string text(reinterpret_cast<const char*>(bytes.data), bytes.size);
  const RustCall call;
  tenfold_bytes_free(bytes);
  return text;
}

/// Owns an opaque pointer of the library; `free_function` takes it back.
template <typename T, void (*free_function)(T*)>
struct RustDeleter {
  void operator()(T* pointer) const {
    const RustCall call;
    free_function(pointer);
  }
};
template <typename T, void (*free_function)(T*)>
using RustPointer = std::unique_ptr<T, RustDeleter<T, free_function>>;

}  // namespace tenfold
