#include "base/machine.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace tenfold {
namespace {

TEST(Machine, CountsCoresOfTheAffinityMask) {
  const int all = usable_cores();
  EXPECT_GE(all, 1);
  EXPECT_LE(all, static_cast<int>(std::thread::hardware_concurrency()));
  std::jthread([] {  // the mask of a thread of its own, so that nothing else is affected
    cpu_set_t mask;
    ASSERT_EQ(::sched_getaffinity(0, sizeof(mask), &mask), 0);
    int first = 0;
    while (!CPU_ISSET(first, &mask)) ++first;
    CPU_ZERO(&mask);
    CPU_SET(first, &mask);
    ASSERT_EQ(::sched_setaffinity(0, sizeof(mask), &mask), 0);
    EXPECT_EQ(usable_cores(), 1);
  })
      .join();
}

/// A machine of 8 GB of which 6 are free, with this process in the group a/b.
class MachineTree : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "tenfold-machine-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    write("proc/meminfo", "MemTotal:        8000000 kB\nMemAvailable:    6000000 kB\n");
    write("proc/self/cgroup", "0::/a/b\n");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void write(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  std::filesystem::path root_;
};

TEST_F(MachineTree, WithoutLimitsAllIsThere) {
  write("sys/fs/cgroup/a/memory.max", "max\n");
  write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  EXPECT_EQ(total_memory(root_), 8'000'000ULL * 1024);
  EXPECT_EQ(available_memory(root_), 6'000'000ULL * 1024);
  EXPECT_GE(usable_cores(root_), 1);
}

TEST_F(MachineTree, AGroupAroundTheProcessLimitsItsMemory) {
  write("sys/fs/cgroup/a/memory.max", "4000000000\n");
  write("sys/fs/cgroup/a/memory.current", "3000000000\n");
  write("sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 500000000\nactive_file 7\n");
  EXPECT_EQ(total_memory(root_), 4'000'000'000U);
  EXPECT_EQ(available_memory(root_), 1'500'000'000U);
  write("sys/fs/cgroup/a/b/memory.max", "1000000000\n");
  write("sys/fs/cgroup/a/b/memory.current", "2000000000\n");
  EXPECT_EQ(total_memory(root_), 1'000'000'000U);
  EXPECT_EQ(available_memory(root_), 0U);
}

TEST_F(MachineTree, ProcessorTimeLimitsTheCores) {
  write("sys/fs/cgroup/a/b/cpu.max", "50000 100000\n");
  EXPECT_EQ(usable_cores(root_), 1);
  write("sys/fs/cgroup/a/b/cpu.max", "150000 100000\n");
  EXPECT_EQ(usable_cores(root_), 1);
  write("sys/fs/cgroup/a/b/cpu.max", "100000000 100000\n");
  EXPECT_EQ(usable_cores(root_), usable_cores(root_ / "nowhere"));
}

TEST(Machine, KnowsItsMemory) {
  EXPECT_GT(available_memory(), 1U << 20);
  EXPECT_GE(total_memory(), 1U << 20);
}

}  // namespace
}  // namespace tenfold
