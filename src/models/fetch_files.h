// Carries out a plan: all files of a model into one folder, checked before anything is stored.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "formats/model_path.h"
#include "models/pull_options.h"
#include "models/pull_plan.h"
#include "tenfold/result.h"

namespace tenfold {

/// How far one file is.
struct FileProgress {
  std::uint64_t done = 0;
  double bytes_per_second = 0;  ///< 0: not known
};
using OnFileProgress = std::function<void(const FileProgress&)>;

/// Makes `target` the file, resuming what is there of it, and says how far it is. It must check
/// size and SHA-256 where the file has them.
using FetchFile =
    std::function<Result<void>(const SourceFile& file, const std::filesystem::path& target,
                               const std::string& token, const OnFileProgress& on_progress)>;

/// Fetches the files of the plan, one after the other, into `folder` below models_folder(), which
/// is made and survives failures for the next try, and detects the model among them. Before the
/// first byte: disk_full unless everything that is still missing fits. bad_model if the content is
/// no model, or of another format than `format` (when that is not empty). `on_progress` may be
/// empty.
Result<DetectedModel> fetch_files(const PullPlan& plan, const std::filesystem::path& folder,
                                  const std::string& format, const FetchFile& fetch,
                                  const std::function<void(const PullProgress&)>& on_progress);

}  // namespace tenfold
