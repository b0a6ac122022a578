// Turns exceptions of the library into errors, once, at its edge.
#pragma once

#include <exception>
#include <new>

#include "tenfold/result.h"

namespace tenfold::llama_cpp {

/// The Result of `work`; out_of_memory for std::bad_alloc, internal for other exceptions.
template <typename Work>
auto guarded(const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::out_of_memory, "llama.cpp ran out of memory",
                "choose a smaller context or model");
  } catch (const std::exception& error) {
    return fail(ErrorCode::internal, std::string("llama.cpp failed: ") + error.what());
  }
}

}  // namespace tenfold::llama_cpp
