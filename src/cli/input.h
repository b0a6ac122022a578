// Prompts from words and standard input.
#pragma once

#include <string>
#include <vector>

#include "tenfold/result.h"

namespace tenfold {

/// Whether standard input is a pipe or a regular file, which a command may read to its end.
bool stdin_has_data();

/// All of standard input, at most 64 MiB, without one newline at its end.
Result<std::string> read_stdin();

/// The words joined by spaces, then an empty line and `piped`; either part may be empty.
/// invalid_argument when it is not UTF-8 or there is nothing at all; `what` is its name there.
Result<std::string> join_prompt(const std::vector<std::string>& words, const std::string& piped,
                                const std::string& what);

}  // namespace tenfold
