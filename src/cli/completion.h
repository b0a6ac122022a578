// What shells and `man` are told of the commands and options: scripts that complete them, and the
// manual page. All of it comes from the tables of commands and options.
#pragma once

#include <string>
#include <string_view>

#include "tenfold/result.h"

namespace tenfold {

/// The script for "bash", "zsh" or "fish"; invalid_argument for another shell.
Result<std::string> completion_script(std::string_view shell);

/// tenfold(1), in the macros of man(7).
std::string manual_page();

}  // namespace tenfold
