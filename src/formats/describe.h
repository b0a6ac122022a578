// A description of any model file or folder that Tenfold knows.
#pragma once

#include <filesystem>

#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

/// Detects the format by content and reads headers only, with bounded memory and time. not_found,
/// permission_denied, io; bad_model or unsupported with what is wrong and what to do. The file may
/// change or be hostile: describe_untrusted() does the same in a locked child.
Result<ModelDescription> describe_model(const std::filesystem::path& path);

}  // namespace tenfold
