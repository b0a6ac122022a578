// Runs the built tenfold program in a folder of its own, with the fake engine.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <thread>

namespace tenfold {

struct ProgramEnd {
  int code = 0;        ///< exit code, or 128 + the signal's number
  std::string output;  ///< standard output and error together
};

/// A temporary home that holds a GGUF file of one tensor, `fake.gguf`, which the fake engine opens.
class ProgramTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Runs `script` with sh in the home; `tenfold` is the built program.
  ProgramEnd shell(const std::string& script);
  /// The same, without waiting; the output goes to the file `output` in the home.
  pid_t start(const std::string& script);
  /// The same on a terminal, whose keyboard is `terminal_`; what it shows goes to the file
  /// `output`.
  pid_t start_on_terminal(const std::string& script);
  void type(const std::string& keys) const;
  /// Waits for it; kills it after two minutes.
  ProgramEnd finish(pid_t child);
  /// Waits, at most two minutes, until the output holds `text` that many times.
  void wait_for_output(const std::string& text, int times = 1);
  /// The same for the end of the fake engine's load and the start of its answer to "slow".
  void wait_for_slow_answer();

  std::filesystem::path home_;
  int terminal_ = -1;
  std::thread screen_;
};

}  // namespace tenfold
