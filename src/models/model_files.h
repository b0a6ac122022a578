// Which files on disk make up a model.
#pragma once

#include "formats/description.h"
#include "formats/model_path.h"
#include "models/store.h"

namespace tenfold {

/// What the model at `path` is, as a locked child reads it (describe_untrusted()): its whole header
/// and those of its shards are good, and it can be run (check_runnable()). The paths are absolute.
Result<ModelDescription> resolve_path(const std::filesystem::path& path);
/// The same, for those who need to know no more.
Result<DetectedModel> look_at_model(const std::filesystem::path& path);

/// The file as it is now, without its digest.
Result<StoredFile> look_at_file(const std::filesystem::path& path);

/// What lies in sub-folders of a model that is a flat folder.
enum class OtherFiles {
  foreign,  ///< the user's, in a folder of many things
  belong,   ///< the folder was made for the model
};

/// The files the model needs: all shards of a GGUF, everything in a model that is a folder (what
/// lies in sub-folders as `others` says), and for a file or Core ML model that has weights,
/// tokenizer or configuration beside it, those too. bad_model when a shard is missing or the folder
/// has more than 10,000 entries.
Result<std::vector<StoredFile>> files_of(const DetectedModel& model,
                                         OtherFiles others = OtherFiles::foreign);

}  // namespace tenfold
