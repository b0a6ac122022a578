// Takes models out of the store, and clears what interruptions left.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/json.h"
#include "models/store.h"

namespace tenfold {

struct Removed {
  StoredModel model;
  bool files_deleted = false;  ///< false: they are not Tenfold's, and stay
};

/// Drops the entry, and deletes the files if Tenfold owns them: an entry of models_folder(), never
/// anything outside it. not_found for an unknown name; busy when another process works on the
/// model. An interruption leaves the model, or an entry without files that gc() names.
Result<Removed> remove_model(ModelStore& store, const std::string& name);

/// Something that gc() removed, would remove, or left.
struct Leftover {
  std::filesystem::path path;
  std::string model;  ///< for an entry whose files are gone: its name; else empty
  std::string what;   ///< "an unfinished download", …
  std::uint64_t bytes = 0;
  bool removed = false;  ///< with `dry_run`: would be removed
};
/// All but the model.
Json to_json(const Leftover& leftover);

/// Removes the work folders of processes that ended, downloads that are older than a day or whose
/// model is here, set-aside indexes older than a day, and entries whose files are all gone. Leaves,
/// and names, files of models_folder() that no entry has, downloads that somebody works on, and
/// entries whose files are gone with their folders, as on a disk that is not mounted.
Result<std::vector<Leftover>> collect_garbage(ModelStore& store, bool dry_run);

/// Removes what unfinished downloads left, however new, but for those that somebody works on.
Result<std::vector<Leftover>> clear_unfinished_downloads(bool dry_run);

/// Bytes of the files in a file or folder, symbolic links not followed.
std::uint64_t bytes_below(const std::filesystem::path& path);

}  // namespace tenfold
