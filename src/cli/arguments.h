// Splits a command line into command, options and the rest, by the option table.
//
// `--name value`, `--name=value`, `-n value`, `-nvalue`, flags without a value; options and words
// may be mixed; after `--` everything is a word, and so is "-" or a dash before anything but a
// letter ("-5"). Words are kept byte for byte.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/settings.h"

namespace tenfold {

struct Arguments {
  GivenOptions options;
  std::vector<std::string> words;
  bool help = false;  ///< -h or --help
};

/// `arguments` are those after the command. invalid_argument for an option the command does not
/// have or that lacks its value.
Result<Arguments> parse_arguments(unsigned command, std::span<const std::string> arguments);

}  // namespace tenfold
