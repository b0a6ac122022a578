#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"
#include "base/text.h"
#include "formats/shard_name.h"
#include "models/adopt.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

constexpr int most_entries = 10'000;
constexpr int deepest = 3;  // LM Studio: publisher/model/file

struct Place {
  const char* program;
  fs::path folder;
};

/// Where LM Studio's home was moved to, if it was.
fs::path lm_studio_home() {
  auto pointer = read_file(home_folder() / ".lmstudio-home-pointer", 4096);
  if (!pointer.ok()) return home_folder() / ".lmstudio";
  std::string& text = pointer.value();
  text.erase(text.find_last_not_of(white_space) + 1);
  return text;
}

fs::path llama_cache() {
  const fs::path given = path_variable("LLAMA_CACHE");
  return given.empty() ? user_cache() / "llama.cpp" : given;
}

fs::path user_data() {
  const fs::path data = path_variable("XDG_DATA_HOME");
  return data.is_absolute() ? data : home_folder() / ".local/share";
}

/// GGUF files, and folders of safetensors (LM Studio's MLX models).
void search(const Place& place, FoundModels& found) {
  std::vector<fs::path> models;
  std::error_code error;
  int entries = 0;
  fs::recursive_directory_iterator at(place.folder, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (++entries > most_entries) {
      found.skipped.push_back(
          {place.folder, place.program,
           fmt::format("only its first {} entries were looked at", most_entries)});
      break;
    }
    const fs::path& path = at->path();
    if (at->is_directory(error)) {
      if (fs::exists(path / "config.json", error)) models.push_back(path);
      if (at.depth() + 1 >= deepest) at.disable_recursion_pending();
    } else if (path.extension() == ".gguf" && !is_later_shard(path.string())) {
      models.push_back(path);
    } else if (path.extension() == ".downloadInProgress" || path.extension() == ".part") {
      found.skipped.push_back({path, place.program, "its download is not finished"});
    }
  }
  if (error) {
    found.skipped.push_back({place.folder, place.program, "cannot be read: " + error.message()});
  }
  std::ranges::sort(models);
  for (const fs::path& path : models) {
    if (path.filename().string().starts_with("incomplete-")) {
      found.skipped.push_back({path, place.program, "its download is not finished"});
      continue;
    }
    const fs::path name = fs::is_directory(path, error) ? path.filename() : path.stem();
    look_at_found(path, name.string(), place.program,
                  fmt::format("{}: {}", place.program, path.string()), found);
  }
}

}  // namespace

void find_folder_models(FoundModels& found) {
  for (const Place& place :
       {Place{"LM Studio", lm_studio_home() / "models"},
        Place{"LM Studio", user_cache() / "lm-studio/models"}, Place{"llama.cpp", llama_cache()},
        Place{"GPT4All", user_data() / "nomic.ai/GPT4All"}}) {
    std::error_code error;
    if (!fs::is_directory(place.folder, error)) continue;
    found.folders.push_back(place.folder);
    search(place, found);
  }
}

}  // namespace tenfold
