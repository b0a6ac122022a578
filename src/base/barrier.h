// Where exceptions end. Our code returns errors; libraries, and a machine without memory, throw,
// and what a thread throws ends the process.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "tenfold/result.h"

namespace tenfold {

/// Calls `work` and returns its Result; what it throws becomes the job's error, which begins with
/// `job`, e.g. "the download" or "llama.cpp": out_of_memory, else internal.
template <typename Work>
auto barrier(std::string_view job, Work&& work) -> decltype(work()) {
  const auto failed = [job](ErrorCode code, const char* why, const char* hint = "") {
    return fail(code, std::string(job) + " failed: " + why, hint);
  };
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return failed(ErrorCode::out_of_memory, "there is not enough memory",
                  "close other programs, or use a smaller model or context");
  } catch (const std::exception& error) {
    return failed(ErrorCode::internal, error.what());
  } catch (...) {
    return failed(ErrorCode::internal, "something that is no exception was thrown");
  }
}

}  // namespace tenfold
