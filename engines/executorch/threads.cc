#include "threads.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <mutex>

// libexecutorch_threadpool.so exports these, but the package has no header for them.
namespace executorch::extension::threadpool {
class ThreadPool {
 public:
  std::size_t get_thread_count() const;
  bool _unsafe_reset_threadpool(std::uint32_t count);
};
ThreadPool* get_threadpool();
}  // namespace executorch::extension::threadpool

namespace tenfold::executorch {

Result<std::shared_ptr<const int>> hold_threads(int count) {
  static std::mutex mutex;
  static std::weak_ptr<const int> held;
  const std::lock_guard lock(mutex);
  if (const auto now = held.lock()) {
    if (*now == count) return now;
    return fail(ErrorCode::busy,
                fmt::format("threads is {}, but another ExecuTorch model in this process runs on "
                            "{}, and all share them",
                            count, *now),
                "unload the other model, or choose the same number");
  }
  auto* pool = ::executorch::extension::threadpool::get_threadpool();
  if (pool == nullptr || (pool->get_thread_count() != static_cast<std::size_t>(count) &&
                          !pool->_unsafe_reset_threadpool(static_cast<std::uint32_t>(count)))) {
    return fail(ErrorCode::io, fmt::format("cannot start {} threads", count));
  }
  auto handle = std::make_shared<const int>(count);
  held = handle;
  return handle;
}

}  // namespace tenfold::executorch
