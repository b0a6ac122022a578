// Ollama keeps manifests/HOST/NAMESPACE/MODEL/TAG, JSON files of the form of container images, and
// their layers as blobs/sha256-DIGEST. The media types of layers are Ollama's.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "models/adopt.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* ollama = "Ollama";
constexpr const char* layer_type = "application/vnd.ollama.image.";
constexpr std::size_t largest_manifest = 1 << 20;
constexpr std::size_t largest_text = 64 << 10;
constexpr int manifest_depth = 4;
constexpr std::string_view hash_prefix = "sha256:";

struct Layers {
  fs::path model;
  fs::path adapter;
  fs::path system;
};

std::vector<fs::path> ollama_folders() {
  // Where the installer's service and Debian's and Arch's packages run Ollama as a user of its own.
  std::vector<fs::path> folders{path_variable("OLLAMA_MODELS"), home_folder() / ".ollama/models",
                                "/usr/share/ollama/.ollama/models", "/var/lib/ollama/models",
                                "/var/lib/ollama/.ollama/models"};
  std::vector<fs::path> existing;
  for (const fs::path& folder : folders) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (error || folder.empty() || std::ranges::count(existing, real) > 0) continue;
    if (fs::is_directory(real / "manifests", error)) existing.push_back(real);
  }
  return existing;
}

/// A digest comes from a file: nothing but a digest may become a path (CVE-2024-37032).
Result<fs::path> blob_of(const json& layer, const fs::path& folder) {
  const std::string digest = layer.value("digest", "");
  const bool good =
      digest.starts_with(hash_prefix) && digest.size() == hash_prefix.size() + 64 &&
      digest.find_first_not_of("0123456789abcdef", hash_prefix.size()) == std::string::npos;
  if (!good) return fail(ErrorCode::bad_model, "its manifest names a blob \"" + digest + "\"");
  return folder / "blobs" / ("sha256-" + digest.substr(hash_prefix.size()));
}

Result<Layers> read_manifest(const fs::path& path, const fs::path& folder) {
  const std::string text = TRY(read_file(path, largest_manifest));
  try {
    Layers layers;
    const json manifest = json::parse(text);
    for (const json& layer : manifest.at("layers")) {
      const std::string type = layer.value("mediaType", "");
      for (const auto& [kind, target] : {std::pair{"model", &layers.model},
                                         {"adapter", &layers.adapter},
                                         {"system", &layers.system}}) {
        if (type == std::string(layer_type) + kind) *target = TRY(blob_of(layer, folder));
      }
    }
    return layers;
  } catch (const json::exception&) {
    return fail(ErrorCode::bad_model, path.string() + " is no manifest of Ollama");
  }
}

/// registry.ollama.ai/library/llama3.2/3b → llama3.2-3b; "latest" and the hosts are left out.
std::string name_of(const fs::path& manifest) {
  const fs::path model = manifest.parent_path();
  const fs::path space = model.parent_path();
  std::string name = model.filename().string();
  if (space.filename() != "library" && space.parent_path().filename() == "registry.ollama.ai") {
    name = space.filename().string() + "-" + name;
  }
  return manifest.filename() == "latest" ? name : name + "-" + manifest.filename().string();
}

void look_at_manifest(const fs::path& path, const fs::path& folder, FoundModels& found) {
  const auto skip = [&](const std::string& reason) {
    found.skipped.push_back({path, ollama, reason});
  };
  const auto layers = read_manifest(path, folder);
  if (!layers.ok()) return skip(layers.error().message);
  if (layers.value().model.empty())
    return skip("it has no model layer: Ollama runs it elsewhere, or keeps its tensors one by one");
  if (!layers.value().adapter.empty()) return skip("it needs an adapter, which is not supported");
  const std::size_t before = found.models.size();
  const std::string source =
      fmt::format("{}: {}", ollama, path.lexically_relative(folder / "manifests").string());
  look_at_found(layers.value().model, name_of(path), ollama, source, found);
  if (found.models.size() == before || layers.value().system.empty()) return;
  if (auto system = read_file(layers.value().system, largest_text); system.ok()) {
    found.models.back().system = std::move(system).value();
  } else {
    found.skipped.push_back({layers.value().system, ollama,
                             "the system message is left out: " + system.error().message});
  }
}

}  // namespace

void find_ollama_models(FoundModels& found) {
  for (const fs::path& folder : ollama_folders()) {
    found.folders.push_back(folder);
    std::error_code error;
    std::vector<fs::path> manifests;
    fs::recursive_directory_iterator at(folder / "manifests", error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
      const bool is_tag = at.depth() == manifest_depth - 1 && at->is_regular_file(error);
      if (is_tag) manifests.push_back(at->path());
      if (at.depth() >= manifest_depth - 1) at.disable_recursion_pending();
    }
    if (error) found.skipped.push_back({folder, ollama, "cannot be read: " + error.message()});
    std::ranges::sort(manifests);
    for (const fs::path& manifest : manifests) look_at_manifest(manifest, folder, found);
  }
}

}  // namespace tenfold
