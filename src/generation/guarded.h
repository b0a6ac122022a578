// Turns exceptions of frameworks and callers into errors.
#pragma once

#include <exception>
#include <new>
#include <string>

#include "tenfold/result.h"

namespace tenfold {

/// The Result of `work`; out_of_memory for std::bad_alloc, internal for anything else it throws.
template <typename Work>
auto guarded(const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::out_of_memory, "the machine's memory does not suffice",
                "Close other programs, or use a smaller model or context.");
  } catch (const std::exception& exception) {
    return fail(ErrorCode::internal, std::string("unexpected failure: ") + exception.what());
  } catch (...) {
    return fail(ErrorCode::internal, "unexpected failure of an unknown kind");
  }
}

}  // namespace tenfold
