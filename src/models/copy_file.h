// Copying large files the cheapest way the file system has.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "tenfold/result.h"

namespace tenfold {

/// Makes `to`, which must not exist, a copy of the regular file `from`, with its modification time,
/// and waits until it is on disk: shares the blocks where the file system can (FICLONE), else lets
/// the kernel copy. Calls `on_bytes` with the size of each piece, after which `cancelled` may end
/// the copy; both may be empty. file_error() naming the file; io when `from` changes its size. On
/// failure `to` may be left, incomplete.
Result<void> copy_file(const std::filesystem::path& from, const std::filesystem::path& to,
                       const std::function<void(std::uint64_t)>& on_bytes,
                       const std::function<bool()>& cancelled);

}  // namespace tenfold
