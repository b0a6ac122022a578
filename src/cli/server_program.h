// tenfold serve and tenfold app: a program of their own, so that no other command waits for its
// libraries to be built or loaded.
#pragma once

#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "tenfold/result.h"

namespace tenfold {

/// Replaces this process by tenfold-server with the same arguments, of which `command` is the
/// first; returns only when it cannot.
Result<ExitCode> become_server_program(const std::string& command,
                                       const std::vector<std::string>& arguments);

}  // namespace tenfold
