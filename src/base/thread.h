// Starts threads from which no exception escapes.
#pragma once

#include <cstdio>
#include <exception>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "base/barrier.h"
#include "tenfold/result.h"

namespace tenfold {

/// Runs `work`, which may take a std::stop_token, on a new thread. What it throws is given to
/// `on_failure` there; what that throws goes to stderr, as an exception that left a thread would
/// end the whole process. io if the system has no thread left: then nothing was run.
template <typename Work, typename OnFailure>
Result<std::jthread> start_thread(Work work, OnFailure on_failure) {
  auto body = [work = std::move(work),
               on_failure = std::move(on_failure)](const std::stop_token& stop) mutable noexcept {
    try {
      const auto done = barrier("a thread", [&]() -> Result<void> {
        if constexpr (std::is_invocable_v<Work&, const std::stop_token&>) {
          work(stop);
        } else {
          work();
        }
        return {};
      });
      if (!done.ok()) on_failure(done.error());
    } catch (...) {
      std::fputs("tenfold: a thread failed, and so did what deals with that\n", stderr);
    }
  };
  try {
    return std::jthread(std::move(body));
  } catch (const std::exception& error) {
    return fail(ErrorCode::io, std::string("cannot start a thread: ") + error.what(),
                "close other programs, or raise the limits on threads and memory");
  }
}

}  // namespace tenfold
