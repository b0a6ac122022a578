#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"
#include "formats/shard_name.h"
#include "models/adopt.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

constexpr const char* program = "Hugging Face";
constexpr std::string_view repository_prefix = "models--";
constexpr std::size_t longest_commit = 128;

fs::path hub_folder() {
  for (const char* variable : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (fs::path folder = path_variable(variable); !folder.empty()) return folder;
  }
  const fs::path home = path_variable("HF_HOME");
  return (home.empty() ? user_cache() / "huggingface" : home) / "hub";
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    entries.push_back(at->path());
  }
  std::ranges::sort(entries);
  return entries;
}

/// The one that "main" means, else all.
std::vector<fs::path> snapshots_of(const fs::path& repository) {
  auto commit = read_file(repository / "refs/main", longest_commit);
  std::error_code error;
  if (commit.ok() && commit.value().find('/') == std::string::npos) {
    std::string& text = commit.value();
    text.erase(text.find_last_not_of(" \r\n") + 1);
    const fs::path main = repository / "snapshots" / text;
    if (!text.empty() && text != ".." && fs::is_directory(main, error)) return {main};
  }
  return entries_of(repository / "snapshots");
}

/// models--org--name → org/name
std::string repository_name(const fs::path& folder) {
  std::string name = folder.filename().string().substr(repository_prefix.size());
  if (const auto at = name.find("--"); at != std::string::npos) name.replace(at, 2, "/");
  return name;
}

/// GGUF files of a repository are one model each; anything else is one model together.
void look_at_snapshot(const fs::path& snapshot, const std::string& repository, FoundModels& found) {
  const std::string source =
      fmt::format("{}: {}@{}", program, repository, snapshot.filename().string());
  std::vector<fs::path> parts;
  std::error_code error;
  for (const fs::path& entry : entries_of(snapshot)) {
    for (const fs::path& file :
         fs::is_directory(entry, error) ? entries_of(entry) : std::vector{entry}) {
      if (file.extension() == ".gguf" && !is_later_shard(file.string())) parts.push_back(file);
    }
  }
  for (const fs::path& file : parts) {
    look_at_found(file, file.stem().string(), program, source, found);
  }
  if (parts.empty()) {
    const std::string name = repository.substr(repository.find('/') + 1);
    look_at_found(snapshot, name, program, source, found);
  }
}

}  // namespace

void find_hub_models(FoundModels& found) {
  const fs::path hub = hub_folder();
  std::error_code error;
  if (!fs::is_directory(hub, error)) return;
  found.folders.push_back(hub);
  for (const fs::path& repository : entries_of(hub)) {
    if (!repository.filename().string().starts_with(repository_prefix)) continue;
    for (const fs::path& snapshot : snapshots_of(repository)) {
      look_at_snapshot(snapshot, repository_name(repository), found);
    }
    for (const fs::path& blob : entries_of(repository / "blobs")) {
      if (blob.extension() != ".incomplete") continue;
      found.skipped.push_back({blob, program, "its download is not finished"});
    }
  }
}

}  // namespace tenfold
