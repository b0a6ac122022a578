#include "worker/time_slice.h"

#include <gtest/gtest.h>
#include <sys/utsname.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

namespace tenfold {
namespace {

bool kernel_can() {
  utsname system{};
  if (::uname(&system) != 0) return false;
  const std::string release = system.release;
  const std::size_t dot = release.find('.');
  return std::pair(std::stoi(release), std::stoi(release.substr(dot + 1))) >= std::pair(6, 12);
}

/// In nanoseconds; 0 where the kernel does not tell.
std::int64_t slice_of_this_thread() {
  std::ifstream file("/proc/thread-self/sched");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("se.slice")) return std::stoll(line.substr(line.find(':') + 1));
  }
  return 0;
}

TEST(TimeSlice, ThreadsMadeLaterGiveWayToo) {
  if (!kernel_can() || slice_of_this_thread() == 0) GTEST_SKIP() << "the kernel has no such slices";
  const std::int64_t usual = slice_of_this_thread();
  std::int64_t own = 0;
  std::int64_t inherited = 0;
  std::thread([&] {
    give_way_to_wakers();
    own = slice_of_this_thread();
    std::thread([&] { inherited = slice_of_this_thread(); }).join();
  }).join();
  EXPECT_GT(own, 10 * usual);
  EXPECT_EQ(inherited, own);
  EXPECT_EQ(slice_of_this_thread(), usual);
}

}  // namespace
}  // namespace tenfold
