// tenfold serve and tenfold app: a program of their own, so that no other command waits for its
// libraries to be built or loaded.
#pragma once

#include "cli/command.h"

namespace tenfold {

/// Replaces this process by tenfold-server with the same arguments; returns only when it cannot.
Result<ExitCode> become_server_program(CommandContext& context);

}  // namespace tenfold
