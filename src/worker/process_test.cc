#include "worker/process.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace tenfold {
namespace {

/// What a program that reads nothing writes until it ends.
std::string output_of(const std::string& executable) {
  const auto process = start_worker_process(executable);
  EXPECT_TRUE(process.ok());
  if (!process.ok()) return {};
  std::string output;
  char buffer[4096];
  for (pollfd ready{process->output, POLLIN, 0}; ::poll(&ready, 1, -1) > 0;) {
    const ssize_t count = ::read(process->output, buffer, sizeof buffer);
    if (count == 0 || (count < 0 && errno != EAGAIN)) break;
    if (count > 0) output.append(buffer, static_cast<std::size_t>(count));
  }
  ::waitpid(process->pid, nullptr, 0);
  ::close(process->socket);
  ::close(process->output);
  return output;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

class ProcessTest : public testing::Test {
 protected:
  ProcessTest() { ::unsetenv("GLIBC_TUNABLES"); }
  ~ProcessTest() override {
    ::unsetenv("GLIBC_TUNABLES");
    ::unsetenv("TENFOLD_PROCESS_TEST");
  }
};

TEST_F(ProcessTest, WorkersGetTheEnvironmentAndLargePages) {
  ::setenv("TENFOLD_PROCESS_TEST", "some words", 1);
  const std::string variables = output_of("/usr/bin/env");
  EXPECT_TRUE(has_line(variables, "TENFOLD_PROCESS_TEST=some words")) << variables;
  EXPECT_TRUE(has_line(variables, "GLIBC_TUNABLES=glibc.malloc.hugetlb=1")) << variables;
}

TEST_F(ProcessTest, TheUsersOwnWordOnMallocStands) {
  ::setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=0", 1);
  const std::string variables = output_of("/usr/bin/env");
  EXPECT_TRUE(has_line(variables, "GLIBC_TUNABLES=glibc.malloc.hugetlb=0")) << variables;
  EXPECT_EQ(variables.find("hugetlb=1"), std::string::npos) << variables;
}

TEST_F(ProcessTest, AProgramThatIsMissingIsUnavailable) {
  const auto process = start_worker_process("/none/such");
  ASSERT_FALSE(process.ok());
  EXPECT_EQ(process.error().code, ErrorCode::unavailable);
  EXPECT_NE(process.error().message.find("/none/such"), std::string::npos);
}

}  // namespace
}  // namespace tenfold
