#include "formats/model_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/files.h"
#include "formats/byte_source.h"
#include "formats/detect.h"
#include "formats/mapped_file.h"
#include "formats/onnx_names.h"
#include "formats/safetensors_folder.h"
#include "formats/shard_name.h"
#include "formats/tokenizer_file.h"
#include "formats/zip.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

constexpr int most_folder_entries = 10'000;
constexpr std::size_t detected_head = 4096;  // as detect_format() reads

struct Suffix {
  std::string_view extension;
  std::string_view format;
};
constexpr Suffix suffixes[] = {
    {".gguf", "gguf"},         {".onnx", "onnx"},         {".pte", "pte"},
    {".tflite", "tflite"},     {".litertlm", "litertlm"}, {".mlpackage", "mlpackage"},
    {".mlmodelc", "mlmodelc"}, {".task", "task"},         {".pllm", "pllm"}};

Result<std::vector<DetectedModel>> models_in(const fs::path& folder) {
  std::vector<DetectedModel> found;
  std::error_code error;
  int entries = 0;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (++entries > most_folder_entries) {
      return fail(ErrorCode::bad_model,
                  fmt::format("{} has more than {} entries", folder.string(), most_folder_entries),
                  "name the model file inside it");
    }
    const fs::path& path = at->path();
    const auto* suffix = std::ranges::find(suffixes, path.extension(), &Suffix::extension);
    if (suffix == std::end(suffixes) || is_later_shard(path.string())) continue;
    found.push_back({std::string(suffix->format), path});
  }
  if (error) return file_error(folder.string(), "read", error.value());
  std::ranges::sort(found, {}, &DetectedModel::path);
  const auto is_part = [&](const DetectedModel& model) {
    const std::string name = model.path.filename().string();
    return leading_decoder(name, [&](const std::string& other) {
             return fs::exists(folder / other, error);
           }) != name;
  };
  std::erase_if(found, is_part);
  return found;
}

bool is_coreml(const DetectedModel& model) {
  return model.format == "mlpackage" || model.format == "mlmodelc";
}

Error none_in(const fs::path& folder) {
  return fail(ErrorCode::bad_model, fmt::format("{} is a folder without a model", folder.string()),
              "name a model file, or a folder with one model in it");
}

/// Of a folder that has parts of a model in safetensors: the part that lacks.
Error lacks(const fs::path& folder, std::string_view file) {
  return fail(ErrorCode::bad_model,
              fmt::format("{} is not whole: {} is missing", folder.string(), file),
              "download the model's whole folder");
}

/// The first of its files in safetensors by name; empty if there is none.
fs::path first_safetensors(const fs::path& folder) {
  std::error_code error;
  fs::path first;
  int entries = 0;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (++entries > most_folder_entries) return {};
    const fs::path& path = at->path();
    if (path.extension() == ".safetensors" && (first.empty() || path < first)) first = path;
  }
  return first;
}

/// The only one, or that with a plain name: the hub keeps precisions side by side, and it is the
/// full one. nullptr if there is none such.
const DetectedModel* the_one(const std::vector<DetectedModel>& found) {
  if (found.size() == 1) return &found.front();
  for (const char* stem : {"model", "decoder_model_merged", "decoder_with_past_model"}) {
    const auto plain = std::ranges::find(
        found, stem, [](const DetectedModel& model) { return model.path.stem(); });
    if (plain != found.end()) return &*plain;
  }
  return nullptr;
}

Result<DetectedModel> detect_in_folder(const fs::path& folder) {
  std::error_code error;
  const auto has = [&](const char* name) { return fs::exists(folder / name, error); };
  if (has("genai_config.json")) return DetectedModel{"onnx", folder};
  if (has("mlc-chat-config.json")) return DetectedModel{"mlc", folder};
  if (has("model.mil") || has("coremldata.bin")) return DetectedModel{"mlmodelc", folder};
  if (has("Manifest.json") && has("Data")) return DetectedModel{"mlpackage", folder};
  auto found = TRY(models_in(folder));
  if (found.empty() && has("onnx")) found = TRY(models_in(folder / "onnx"));
  if (!found.empty() && has("meta.yaml") && std::ranges::all_of(found, is_coreml)) {
    return DetectedModel{"anemll", folder};
  }
  if (const DetectedModel* one = the_one(found)) return *one;
  if (found.size() > 1) {
    std::string names;
    for (const auto& model : found)
      names += (names.empty() ? "" : ", ") + model.path.filename().string();
    return fail(ErrorCode::bad_model,
                fmt::format("{} holds several models: {}", folder.string(), names),
                "name one of them");
  }
  const bool is_described = has("config.json");
  const bool is_listed = has("model.safetensors") || has("model.safetensors.index.json");
  if (is_described && is_listed) return DetectedModel{"safetensors", folder};
  const bool has_weights = is_listed || !first_safetensors(folder).empty();
  if (has_weights) {
    return lacks(folder, is_described ? "model.safetensors.index.json" : "config.json");
  }
  return is_described ? lacks(folder, "model.safetensors") : none_in(folder);
}

bool is_archive(std::string_view head) { return describe_content(head) == "a ZIP archive"; }

/// A ZIP archive by its first bytes, and a bundle of MediaPipe by its name.
Result<bool> is_named_task(const ByteSource& source, const fs::path& path) {
  if (path.extension() != ".task") return false;
  std::string head(std::min<std::uint64_t>(source.size(), detected_head), '\0');
  TRY(source.read_at(0, head));
  return is_archive(head);
}

/// Likewise, whatever its name.
bool holds_task(std::string_view bytes, const fs::path& path) {
  const auto entries = read_zip(bytes, path);
  return entries.ok() &&
         std::ranges::find(*entries, "TF_LITE_PREFILL_DECODE", &ZipEntry::name) != entries->end();
}

Result<DetectedModel> detect_file(const fs::path& path) {
  const auto source = TRY(open_file_source(path));
  if (TRY(is_named_task(*source, path))) return DetectedModel{"task", path};
  const DetectedModel found{std::string(TRY(detect_format(*source, path))), path};
  if (found.format != "safetensors") return found;
  const fs::path folder = fs::absolute(path).parent_path();
  std::error_code error;
  if (fs::exists(folder / "config.json", error)) return DetectedModel{"safetensors", folder};
  return fail(
      ErrorCode::bad_model,
      fmt::format("{} holds weights only; there is no config.json beside it", path.string()),
      "download the model's whole folder");
}

Result<DetectedModel> detect_whole_file(const fs::path& path) {
  auto found = detect_file(path);
  if (found.ok() && found->format == "safetensors" &&
      !TRY(shards_of(found->path)).contains(path.filename().string())) {
    return fail(ErrorCode::bad_model,
                fmt::format("{} is no part of the model in its folder", path.string()),
                "name the folder, or a file that its model.safetensors.index.json lists");
  }
  if (found.ok()) return found;
  const auto file = MappedFile::open(path);
  if (!file.ok()) return found;
  const std::string_view bytes = file->bytes();
  const std::string_view head = bytes.substr(0, detected_head);
  if (is_archive(head) && holds_task(bytes, path)) return DetectedModel{"task", path};
  if (describe_content(head) == "a JSON file" && read_tokenizer_file(bytes, path).ok()) {
    return DetectedModel{"tokenizer", path};
  }
  return found;
}

Result<DetectedModel> detect(const fs::path& path,
                             Result<DetectedModel> (*detect_one)(const fs::path&)) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return detect_one(path);
  const fs::path folder = path.has_filename() ? path : path.parent_path();
  if (folder.extension() == ".mlpackage") return DetectedModel{"mlpackage", folder};
  if (folder.extension() == ".mlmodelc") return DetectedModel{"mlmodelc", folder};
  DetectedModel found = TRY(detect_in_folder(folder));
  return fs::is_directory(found.path, error) ? found : detect_one(found.path);
}

}  // namespace

Result<DetectedModel> detect_model(const fs::path& path) { return detect(path, detect_file); }

Result<DetectedModel> detect_model_by_all_bytes(const fs::path& path) {
  return detect(path, detect_whole_file);
}

fs::path file_of_format(const fs::path& folder, std::string_view formats) {
  const auto wanted = [&](const DetectedModel& model) {
    return fmt::format(",{},", formats).find("," + model.format + ",") != std::string::npos;
  };
  std::error_code error;
  for (const fs::path& place : {folder, folder / "onnx"}) {
    if (!fs::is_directory(place, error)) continue;
    auto found = models_in(place);
    if (!found.ok()) return {};
    std::erase_if(*found, [&](const DetectedModel& model) { return !wanted(model); });
    if (const DetectedModel* one = the_one(*found)) return one->path;
  }
  if (!wanted({"safetensors", folder}) || !fs::exists(folder / "config.json", error)) return {};
  const fs::path plain = folder / "model.safetensors";
  return fs::exists(plain, error) ? plain : first_safetensors(folder);
}

}  // namespace tenfold
