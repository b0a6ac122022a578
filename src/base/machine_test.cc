#include "base/machine.h"

#include <gtest/gtest.h>
#include <sched.h>

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

TEST(Machine, KnowsItsMemory) {
  EXPECT_GT(available_memory(), 1U << 20);
  EXPECT_GE(total_memory(), 1U << 20);
}

}  // namespace
}  // namespace tenfold
