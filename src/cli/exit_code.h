// The exit codes of the tenfold program: one mapping from errors and finish reasons.
#pragma once

#include "tenfold/error.h"
#include "tenfold/request.h"

namespace tenfold {

enum class ExitCode {
  ok = 0,
  request_failed = 1,
  usage = 2,
  model = 3,
  engine_unavailable = 4,
  out_of_resource = 5,
  interrupted = 130,
};

ExitCode exit_code(ErrorCode code);

/// An answer cut short by the user, the clock, the context or a dying engine is no success.
ExitCode exit_code(FinishReason reason);

/// The paragraph of the help texts.
inline constexpr const char* exit_code_help =
    "Exit codes:\n"
    "  0    done\n"
    "  1    the request failed, or its deadline ran out\n"
    "  2    wrong usage: an option, a value or a prompt that cannot work\n"
    "  3    the model file is missing, unreadable, damaged or not supported\n"
    "  4    the engine is not available, or lacks the key or licence it needs\n"
    "  5    out of a resource: memory, disk or context\n"
    "  130  interrupted by Ctrl-C\n";

}  // namespace tenfold
