// Descriptions of files that may be hostile, read in a locked child process.
#pragma once

#include <filesystem>

#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

/// What describe_model() answers, from the program tenfold-describe beside this one (or under
/// ../libexec/tenfold), which locks itself first (lock.h). bad_model if that process dies or takes
/// longer than 10 seconds; unavailable if it cannot be started. Any thread may call it.
Result<ModelDescription> describe_untrusted(const std::filesystem::path& path);

/// The same with another program.
Result<ModelDescription> describe_with(const std::filesystem::path& program,
                                       const std::filesystem::path& path);

/// The program's part: locks this process, describes `path` and writes the answer to standard
/// output. Does not return.
[[noreturn]] void describe_locked(const std::filesystem::path& path);

}  // namespace tenfold
