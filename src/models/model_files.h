// Which files on disk make up a model.
#pragma once

#include "formats/model_path.h"
#include "models/store.h"

namespace tenfold {

/// What and where the model at `path` is, as a locked child reads it (describe_untrusted()): its
/// whole header and those of its shards are good. unsupported if no engine opens its format.
Result<DetectedModel> look_at_model(const std::filesystem::path& path);

/// The file as it is now, without its digest.
Result<StoredFile> look_at_file(const std::filesystem::path& path);

/// The files the model needs: all shards of a GGUF, everything in a model that is a folder, and
/// for a file that has weights, tokenizer or configuration beside it, those too. bad_model when a
/// shard is missing or the folder has more than 10,000 entries.
Result<std::vector<StoredFile>> files_of(const DetectedModel& model);

}  // namespace tenfold
