// Adds a model that the user has to the store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "models/store.h"

namespace tenfold {

enum class ImportMode {
  in_place,  ///< the files stay where they are, and are never deleted by Tenfold
  copy,      ///< Tenfold has its own copy, sharing blocks where the file system can
  move,      ///< Tenfold has the files, and what the user named is gone
};

struct ImportOptions {
  std::string name;  ///< empty: made from the file's or folder's name
  ImportMode mode = ImportMode::in_place;
  std::function<void(std::uint64_t done, std::uint64_t total)>
      on_progress;                  ///< bytes; may be empty
  std::function<void()> on_wait;    ///< another process works on the same name; may be empty
  std::function<bool()> cancelled;  ///< polled while copying; may be empty
};

struct Imported {
  StoredModel model;
  bool already_there = false;  ///< nothing was done: `model` is the entry that has the file
};

/// Finds out by content what `path` is, a file or the folder of a model, and adds it with all its
/// files as one entry; symbolic links in the path are resolved. A file that an entry uses already,
/// or is a copy of, is not added again. The entry is written last: an interruption at any point
/// leaves the user's files and no entry. not_found, bad_model; invalid_argument for a name that
/// cannot be one or is taken, or for moving a link; disk_full, permission_denied, cancelled.
Result<Imported> import_model(ModelStore& store, const std::filesystem::path& path,
                              const ImportOptions& options);

}  // namespace tenfold
