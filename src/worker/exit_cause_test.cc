#include "worker/exit_cause.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "base/machine.h"
#include "worker/line_ring.h"

namespace tenfold {
namespace {

/// A folder that looks like a mounted control group.
class FakeGroups : public testing::Test {
 protected:
  FakeGroups() { std::filesystem::create_directories(root_); }
  ~FakeGroups() override { std::filesystem::remove_all(root_); }

  std::filesystem::path write(const std::string& name, const std::string& text) {
    const auto path = root_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path;
  }

  const std::filesystem::path root_ =
      std::filesystem::path(testing::TempDir()) / ("groups" + std::to_string(::getpid()));
};

TEST_F(FakeGroups, Version2) {
  const auto self = write("self", "0::/user/app\n");
  EXPECT_EQ(count_oom_kills(self, root_), std::nullopt);
  write("memory.events", "low 1\noom_kill 2\n");
  EXPECT_EQ(count_oom_kills(self, root_), 2U);
  write("user/app/memory.events", "low 0\nhigh 0\nmax 9\noom 4\noom_kill 3\n");
  EXPECT_EQ(count_oom_kills(self, root_), 3U);
}

TEST_F(FakeGroups, Version1) {
  const auto self = write("self", "5:cpu,cpuacct:/\n4:memory:/app\n0::/\n");
  write("memory/app/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n");
  EXPECT_EQ(count_oom_kills(self, root_), 7U);
}

TEST(ExitCause, NamesSignalOrCode) {
  EXPECT_EQ(describe_exit(3 << 8, 0, 0), "exit code 3");
  EXPECT_EQ(describe_exit(SIGSEGV, 0, 1), "killed by SIGSEGV");
  EXPECT_EQ(describe_exit(SIGILL, 0, 0),
            "killed by SIGILL: an instruction that this processor has not, as in code compiled for "
            "another");
  EXPECT_EQ(describe_exit(SIGKILL, 4, 4), "killed by SIGKILL");
  EXPECT_EQ(describe_exit(SIGKILL, std::nullopt, 5), "killed by SIGKILL");
  EXPECT_EQ(describe_exit(SIGKILL, 4, 5), "out of memory: killed by the kernel (SIGKILL)");
  EXPECT_EQ(describe_exit(63, 0, 0), "killed by signal 63");
}

TEST(LineRing, KeepsTheLastTwentyLines) {
  LineRing ring;
  EXPECT_EQ(ring.text(), "");
  for (int i = 0; i < 100; ++i) ring.push("line " + std::to_string(i) + "\r\n\n");
  EXPECT_TRUE(ring.text().starts_with("line 80\nline 81\n"));
  EXPECT_TRUE(ring.text().ends_with("\nline 99"));
  ring.push("cut");
  ring.push(" short");
  EXPECT_TRUE(ring.text().ends_with("\nline 99\ncut short"));
}

TEST(LineRing, IsBounded) {
  LineRing ring;
  ring.push(std::string(1'000'000, 'x'));
  EXPECT_EQ(ring.text().size(), 400U);
}

TEST(PeakMemory, CoversWhatWasTouched) {
  const std::vector<char> block(64 << 20, 'x');
  EXPECT_GE(peak_memory_bytes(), block.size());
}

}  // namespace
}  // namespace tenfold
