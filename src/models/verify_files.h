// Whether the files of the store are still what they were when they were added.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/json.h"
#include "models/store.h"

namespace tenfold {

enum class FileState {
  good,     ///< size and SHA-256 are those of the index
  learned,  ///< its SHA-256 was not known, and is in the index now
  missing,  ///< gone
  resized,  ///< shorter (truncated) or longer
  changed,  ///< another SHA-256; or, where that was not known, another modification time
  unread,   ///< cannot be read
};
std::string_view to_string(FileState state);

struct CheckedFile {
  const StoredFile* file = nullptr;  ///< lives as long as the model
  FileState state = FileState::good;
  std::string detail;  ///< what was found and expected; empty when good
};

/// Whether nothing speaks against the file.
bool is_good(const CheckedFile& checked);

/// {"path", "state", "detail"}
Json to_json(const CheckedFile& checked);

/// Reads every byte of the model's files, and records digests that were not known. `on_file` is
/// called before each. Ends with `cancelled` when `go_on` says false. Both may be empty.
Result<std::vector<CheckedFile>> verify_files(ModelStore& store, const StoredModel& model,
                                              const std::function<void(const StoredFile&)>& on_file,
                                              const std::function<bool()>& go_on = {});

}  // namespace tenfold
