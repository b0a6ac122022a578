// The tenfold program, apart from its main().
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace tenfold {

/// Runs the command and returns the exit code. `arguments` come without the program's name;
/// `server` runs serve and app, without which they replace this process by tenfold-server.
int run_cli(const std::vector<std::string>& arguments, RunCommand server = nullptr);

}  // namespace tenfold
