// The functions and structures are those of TVM's include/tvm/runtime/c_backend_api.h.
#include "parallel.h"

#include <tvm/ffi/c_api.h>
#include <tvm/ffi/extra/c_env_api.h>

#include <atomic>
#include <cstdint>
#include <utility>

namespace tenfold::mlc {
namespace {

struct Group {
  void* sync;
  std::int32_t tasks;
};
using Task = int (*)(int task, Group* group, void* data);

// A thread on a busy core takes fewer of them.
constexpr std::size_t tasks_per_thread = 4;

thread_local kernels::ThreadPool* current = nullptr;

int run_alone(Task task, void* data, int tasks) {
  Group group{nullptr, tasks};
  for (int i = 0; i < tasks; ++i) {
    if (const int code = task(i, &group, data); code != 0) return code;
  }
  return 0;
}

/// TVMBackendParallelLaunch: `wanted` 0 leaves it to us in how many parts the loop goes. A loop
/// within a task is run by its thread.
int launch(Task task, void* data, int wanted) {
  kernels::ThreadPool* const pool = std::exchange(current, nullptr);
  const std::size_t threads = pool != nullptr ? pool->size() : 1;
  int code = 0;
  if (threads < 2) {
    code = run_alone(task, data, wanted > 0 ? wanted : 1);
  } else {
    const std::size_t tasks =
        wanted > 0 ? static_cast<std::size_t>(wanted) : threads * tasks_per_thread;
    Group group{nullptr, static_cast<std::int32_t>(tasks)};
    // An error is kept by the thread that raised it.
    std::atomic<TVMFFIObjectHandle> raised = nullptr;
    std::atomic<bool> failed = false;
    pool->run(tasks, [&](std::size_t i, std::size_t /*worker*/) {
      if (failed || task(static_cast<int>(i), &group, data) == 0) return;
      if (failed.exchange(true)) return;
      TVMFFIObjectHandle error = nullptr;
      TVMFFIErrorMoveFromRaised(&error);
      raised = error;
    });
    if (failed) {
      code = -1;
      if (raised != nullptr) {
        TVMFFIErrorSetRaised(raised);
        TVMFFIObjectDecRef(raised);
      }
    }
  }
  current = pool;
  return code;
}

/// TVMBackendParallelBarrier: tasks are run one after the other, so none can wait for the others.
int wait_for_others(int /*task*/, Group* group) {
  if (group->tasks == 1) return 0;
  TVMFFIErrorSetRaisedFromCStr("RuntimeError", "tasks of a parallel loop wait for each other");
  return -1;
}

}  // namespace

void take_over_parallel_loops() {
  static const bool done = [] {
    TVMFFIEnvModRegisterContextSymbol("__TVMBackendParallelLaunch",
                                      reinterpret_cast<void*>(&launch));
    TVMFFIEnvModRegisterContextSymbol("__TVMBackendParallelBarrier",
                                      reinterpret_cast<void*>(&wait_for_others));
    return true;
  }();
  (void)done;
}

UsePool::UsePool(kernels::ThreadPool& pool) { current = &pool; }
UsePool::~UsePool() { current = nullptr; }

}  // namespace tenfold::mlc
