// The tenfold program, apart from its main().
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace tenfold {

/// Runs the command and returns the exit code. `arguments` come without the program's name;
/// `server` is what serve and app do.
int run_cli(const std::vector<std::string>& arguments, RunCommand server);

}  // namespace tenfold
