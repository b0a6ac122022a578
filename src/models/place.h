// Where the files of the store lie: models_folder()/NAME.FORMAT, or the folder models_folder()/NAME
// for a model of several files. Hidden entries beside them are locks and unfinished work.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/file_lock.h"
#include "tenfold/result.h"

namespace tenfold {

/// data_folder()/models, without symbolic links. Not created.
std::filesystem::path models_folder();

/// Names are letters, digits, dots, dashes and underscores, at most 120, and start with a letter or
/// a digit: a name can be a file's and can never leave the folder. invalid_argument otherwise.
Result<void> check_name(std::string_view name);

/// `text` made a name: other characters become dashes. "model" when nothing is left.
std::string clean_name(std::string_view text);

/// The file of a model that is one file.
std::filesystem::path place_for_file(std::string_view name, std::string_view extension);
/// The folder of a model that is several.
std::filesystem::path place_for_folder(std::string_view name);
/// The entry of models_folder() that holds `path`; empty if the path is not below the folder.
std::filesystem::path place_of(const std::filesystem::path& path);

/// Held by whoever makes, moves or removes the files of the model `name`. Makes models_folder().
Result<FileLock> lock_model(std::string_view name, const std::function<void()>& on_wait,
                            const std::function<bool()>& cancelled);

/// disk_full, with the numbers, unless `bytes` more fit into models_folder(). `what` is the subject
/// of the message.
Result<void> require_space(std::uint64_t bytes, std::string_view what);

/// Bytes free for this user in models_folder().
Result<std::uint64_t> free_space();

/// fsync of a file or folder.
Result<void> sync_to_disk(const std::filesystem::path& path);

}  // namespace tenfold
