#include "llm_ops/framework_threads.h"

#include <executorch/runtime/kernel/thread_parallel_interface.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace tenfold::executorch {
namespace {

class FrameworkThreads : public kernels::Threads {
 public:
  [[nodiscard]] std::size_t size() const override {
    return static_cast<std::size_t>(
        std::max<std::int64_t>(::executorch::extension::get_thread_count(), 1));
  }

 protected:
  void share(const Job& job) override {
    // Stored and loaded so that the thread sanitizer, which cannot look into the framework, sees
    // what comes before the work and what after it.
    std::atomic<std::size_t> next;
    next.store(0);
    const auto take = [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t worker = first; worker < last; ++worker) {
        for (std::size_t i = next++; i < job.tasks; i = next++) {
          job.call(job.what, i, static_cast<std::size_t>(worker));
        }
      }
    };
    const auto workers = static_cast<std::int64_t>(std::min(size(), job.tasks));
    if (workers < 2 || !::executorch::extension::parallel_for(0, workers, 1, take)) take(0, 1);
    static_cast<void>(next.load());
  }
};

}  // namespace

kernels::Threads& framework_threads() {
  static FrameworkThreads threads;
  return threads;
}

}  // namespace tenfold::executorch
