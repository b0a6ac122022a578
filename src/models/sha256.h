// SHA-256 of files, by OpenSSL.
#pragma once

#include <filesystem>
#include <string>

#include "tenfold/result.h"

namespace tenfold {

/// Lower-case hex digest of the file's content; file_error() when it cannot be read.
Result<std::string> sha256_of_file(const std::filesystem::path& path);

}  // namespace tenfold
