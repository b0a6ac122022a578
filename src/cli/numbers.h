// Strict reading of option values: the whole text is the value, or it is an error.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tenfold/options.h"
#include "tenfold/result.h"

namespace tenfold {

/// `where` names the option in messages ("--top-k"). All fail with invalid_argument that says what
/// is allowed and what was given.
Result<std::int64_t> parse_integer(std::string_view where, std::string_view text, double minimum,
                                   double maximum);
Result<std::uint64_t> parse_seed(std::string_view where, std::string_view text);
/// A finite decimal number.
Result<double> parse_number(std::string_view where, std::string_view text, double minimum,
                            double maximum);
/// "600M", "1.5G", "1048576": bytes, with K, M, G or T for powers of 1024.
Result<std::uint64_t> parse_bytes(std::string_view where, std::string_view text);
/// "128,512"
Result<std::vector<std::int64_t>> parse_integers(std::string_view where, std::string_view text,
                                                 double minimum, double maximum);
/// "true", "false", "1", "0", "yes", "no", "on", "off".
Result<bool> parse_flag(std::string_view where, std::string_view text);

/// A value of the type, choices and range that the engine's option has.
Result<OptionValue> parse_engine_option(const OptionSpec& spec, std::string_view text);

}  // namespace tenfold
