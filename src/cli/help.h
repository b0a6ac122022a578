// Help texts, made from the tables of commands and options.
#pragma once

#include <string>

#include "cli/command.h"

namespace tenfold {

/// All commands.
std::string general_help();

/// One command with its options, their defaults, and where else they can be set.
std::string command_help(const Command& command);

}  // namespace tenfold
