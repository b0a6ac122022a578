// Parallel loops of compiled code run on our threads.
#include "parallel.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "formats/runnable.h"
#include "framework.h"
#include "generation/testing/model_calls.h"
#include "mlc_model.h"

namespace tenfold::mlc {
namespace {

struct Group {
  void* sync;
  std::int32_t tasks;
};
using Task = int (*)(int, Group*, void*);
using Launch = int (*)(Task, void*, int);
using Barrier = int (*)(int, Group*);

/// What a library that is loaded now gets under this name.
void* symbol(const std::string& wanted) {
  take_over_parallel_loops();
  void* found = nullptr;
  ffi::Module::VisitContextSymbols(
      ffi::TypedFunction<void(ffi::String, void*)>([&](const ffi::String& name, void* address) {
        if (std::string(name) == wanted) found = address;
      }));
  return found;
}

Launch launch() { return reinterpret_cast<Launch>(symbol("__TVMBackendParallelLaunch")); }

struct Seen {
  std::mutex mutex;
  std::multiset<int> tasks;
  std::set<std::thread::id> threads;
  std::set<int> counts;
};

int look(int task, Group* group, void* data) {
  auto& seen = *static_cast<Seen*>(data);
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const std::lock_guard lock(seen.mutex);
  seen.tasks.insert(task);
  seen.counts.insert(group->tasks);
  seen.threads.insert(std::this_thread::get_id());
  return 0;
}

TEST(Parallel, ThreadsOfAPoolShareALoop) {
  kernels::ThreadPool pool;
  ASSERT_TRUE(pool.resize(3).ok());
  const UsePool use(pool);
  Seen seen;
  ASSERT_EQ(launch()(look, &seen, 0), 0);
  ASSERT_EQ(seen.counts.size(), 1U);
  const int count = *seen.counts.begin();
  EXPECT_GE(count, 3);
  EXPECT_EQ(seen.tasks.size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) EXPECT_EQ(seen.tasks.count(i), 1U);
  EXPECT_GE(seen.threads.size(), 2U);
  Seen five;
  ASSERT_EQ(launch()(look, &five, 5), 0);
  EXPECT_EQ(five.tasks.size(), 5U);
}

TEST(Parallel, WithoutAPoolTheCallerRunsIt) {
  Seen seen;
  ASSERT_EQ(launch()(look, &seen, 0), 0);
  EXPECT_EQ(seen.tasks, std::multiset<int>{0});
  EXPECT_EQ(seen.threads, std::set<std::thread::id>{std::this_thread::get_id()});
}

TEST(Parallel, ALoopWithinATaskIsRunByItsThread) {
  kernels::ThreadPool pool;
  ASSERT_TRUE(pool.resize(2).ok());
  const UsePool use(pool);
  const auto outer = [](int, Group*, void* data) { return launch()(look, data, 0); };
  Seen seen;
  ASSERT_EQ(launch()(outer, &seen, 4), 0);
  EXPECT_EQ(seen.tasks.count(0), 4U);
  Seen again;
  ASSERT_EQ(launch()(look, &again, 0), 0);
  EXPECT_GT(again.tasks.size(), 1U) << "the pool is used again afterwards";
}

TEST(Parallel, AnErrorOfATaskIsTheCallers) {
  kernels::ThreadPool pool;
  ASSERT_TRUE(pool.resize(3).ok());
  const UsePool use(pool);
  const auto failing = [](int task, Group*, void*) {
    if (task != 2) return 0;
    TVMFFIErrorSetRaisedFromCStr("ValueError", "task 2 failed");
    return -1;
  };
  ASSERT_EQ(launch()(failing, nullptr, 6), -1);
  TVMFFIObjectHandle error = nullptr;
  TVMFFIErrorMoveFromRaised(&error);
  ASSERT_NE(error, nullptr);
  const TVMFFIByteArray& message = TVMFFIErrorGetCellPtr(error)->message;
  EXPECT_EQ(std::string(message.data, message.size), "task 2 failed");
  TVMFFIObjectDecRef(error);
}

TEST(Parallel, TasksThatWaitForEachOtherAreRefused) {
  const auto wait = reinterpret_cast<Barrier>(symbol("__TVMBackendParallelBarrier"));
  Group alone{nullptr, 1};
  EXPECT_EQ(wait(0, &alone), 0);
  Group two{nullptr, 2};
  EXPECT_EQ(wait(0, &two), -1);
  TVMFFIObjectHandle error = nullptr;
  TVMFFIErrorMoveFromRaised(&error);
  TVMFFIObjectDecRef(error);
}

#ifdef __linux__
std::ptrdiff_t threads_here() {
  const std::filesystem::directory_iterator all("/proc/self/task");
  return std::distance(begin(all), end(all));
}

TEST(Parallel, TvmStartsNoThreads) {
  ::setenv("TVM_NUM_THREADS", "4", 1);
  const auto before = threads_here();
  LoadOptions options;
  options.threads = 2;
  const auto model =
      MlcModel::open(resolve_file("tests/models/tiny-llama/mlc-q4f32_1").value(), options, {});
  ASSERT_TRUE(model.ok()) << model.error().message;
  const std::vector<TokenId> tokens(100, 7);
  logits(**model, tokens);
  EXPECT_EQ(threads_here(), before + 1);
  ::unsetenv("TVM_NUM_THREADS");
}
#endif

}  // namespace
}  // namespace tenfold::mlc
