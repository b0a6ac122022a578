#include "base/run_child.h"

#include <gtest/gtest.h>

#include <chrono>

namespace tenfold {
namespace {

Result<ChildExit> shell(const std::string& script, const std::function<bool()>& cancelled = {}) {
  return run_child({"sh", "-c", script}, ChildOutput::hidden, cancelled);
}

TEST(RunChild, ExitCodeAndLastLines) {
  const Result<ChildExit> done = shell("echo hidden; echo oops >&2; exit 3");
  EXPECT_EQ(done.value().code, 3);
  EXPECT_EQ(done.value().last_lines, "oops\n");
  EXPECT_EQ(shell("kill -9 $$").value().code, 128 + 9);
}

TEST(RunChild, KeepsTheEndOfALongOutput) {
  const Result<ChildExit> done = shell("yes 0123456 | head -c 100000 >&2; echo end >&2");
  EXPECT_LE(done.value().last_lines.size(), 4096U);
  EXPECT_TRUE(done.value().last_lines.ends_with("end\n"));
}

TEST(RunChild, UnknownProgram) {
  const Error error = run_child({"no-such-program-here"}, ChildOutput::on_stderr, {}).error();
  EXPECT_EQ(error.code, ErrorCode::unavailable);
}

TEST(RunChild, CancelInterruptsIt) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(shell("exec sleep 30", [] { return true; }).error().code, ErrorCode::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace tenfold
