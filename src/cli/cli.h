// The tenfold program, apart from its main().
#pragma once

#include <string>
#include <vector>

namespace tenfold {

/// Runs the command and returns the exit code. `arguments` come without the program's name.
int run_cli(const std::vector<std::string>& arguments);

}  // namespace tenfold
