// A child program run to its end.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tenfold/result.h"

namespace tenfold {

enum class ChildOutput {
  hidden,     ///< standard output is thrown away
  on_stderr,  ///< standard output goes to this process's standard error
};

struct ChildExit {
  int code = 0;            ///< exit code, or 128 + the signal's number
  std::string last_lines;  ///< the end of its standard error, at most 4 KiB
};

/// Runs `arguments` (the program is looked up in PATH) with empty standard input and waits. Polls
/// `cancelled` (may be empty) ten times a second; when it says true the child gets SIGINT, and
/// SIGKILL two seconds later, and the result is ErrorCode::cancelled. unavailable if the program
/// cannot be started.
Result<ChildExit> run_child(const std::vector<std::string>& arguments, ChildOutput output,
                            const std::function<bool()>& cancelled);

}  // namespace tenfold
