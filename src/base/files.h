// Small files, read bounded and written atomically; folders; errors of the file system.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "tenfold/result.h"

namespace tenfold {

/// The whole file. not_found, permission_denied or io, naming the path; invalid_argument when it is
/// a folder or larger than `limit` bytes.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit);

/// The same of an open file, from its position on; `path` names it in errors.
Result<std::string> read_open_file(int descriptor, const std::filesystem::path& path,
                                   std::size_t limit);

/// Writes through a temporary file beside `path`, fsync and rename: readers see the old content or
/// the new, never a part. Makes missing parent folders.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// Makes the folder and those above it, where they do not exist; file_error() naming it.
Result<void> make_folder(const std::filesystem::path& path);

/// An Error for a failed system call on `path`, from errno.
Error file_error(const std::filesystem::path& path, std::string_view action, int error_number);

/// Whether `text` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_valid_utf8(std::string_view text);

}  // namespace tenfold
