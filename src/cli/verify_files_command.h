// The other half of tenfold verify.
#pragma once

#include "cli/command.h"

namespace tenfold {

/// Checks the files of the named models, or of all, against the index; ExitCode::model if one is
/// not what it was.
Result<ExitCode> verify_files_command(CommandContext& context);

}  // namespace tenfold
