// tenfold serve and tenfold app: the HTTP server, and its page.
#pragma once

#include "cli/command.h"

namespace tenfold {

/// Serves until SIGTERM or Ctrl-C; for `app` it shows the page as well.
Result<ExitCode> serve_command(CommandContext& context);

}  // namespace tenfold
