#include "formats/anemll_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/files.h"
#include "formats/coreml_folder.h"
#include "formats/coreml_package.h"
#include "formats/damaged.h"
#include "formats/hf_folder.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

using Values = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t longest_meta = 1U << 20U;
constexpr std::size_t deepest_meta = 16;
constexpr std::int64_t most_chunks = 99;  // two digits in the names of files
constexpr std::int64_t longest_context = std::int64_t{1} << 24;

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// A value without quotes or a comment.
std::string plain(std::string_view value) {
  value = trimmed(value);
  if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'')) {
    const std::size_t end = value.find(value.front(), 1);
    if (end != std::string_view::npos) return std::string(value.substr(1, end - 1));
  }
  return std::string(trimmed(value.substr(0, value.find(" #"))));
}

class MetaReader {
 public:
  MetaReader(const fs::path& folder, const Values& values) : folder_(folder), values_(values) {}

  Result<AnemllFolder> read() const {
    AnemllFolder result;
    result.name = text("model_info.name");
    result.architecture = text("model_info.architecture");
    result.context = TRY(number("context_length", 1, longest_context));
    result.batch = TRY(number("batch_size", 1, longest_context));
    result.logit_parts = TRY(number_or_none("split_lm_head"));
    result.sliding_window = TRY(number_or_none("sliding_window"));
    const std::string argmax = parameter("argmax_in_model");
    result.gives_tokens = argmax == "true" || argmax == "True";
    const std::string prefix = parameter("model_prefix");
    if (text("model_info.model_type") == "monolithic") {
      add_palette("model", "lut_bits", result);
      result.whole = TRY(model(file("monolithic_model", prefix + "_monolithic_full", "lut_bits")));
      return result;
    }
    add_palette("embeddings", "lut_embeddings", result);
    add_palette("ffn", "lut_ffn", result);
    add_palette("lm_head", "lut_lmhead", result);
    result.embeddings = TRY(model(file("embeddings", prefix + "_embeddings", "lut_embeddings")));
    result.lm_head = TRY(model(file("lm_head", prefix + "_lm_head", "lut_lmhead")));
    result.chunks = TRY(chunks(file("ffn", prefix + "_FFN_PF", "lut_ffn")));
    return result;
  }

 private:
  [[nodiscard]] std::string text(std::string_view path) const {
    const auto found = values_.find(path);
    return found == values_.end() ? std::string() : found->second;
  }

  [[nodiscard]] std::string parameter(std::string_view name) const {
    return text(fmt::format("model_info.parameters.{}", name));
  }

  [[nodiscard]] Result<std::int64_t> number(std::string_view name, std::int64_t least,
                                            std::int64_t most) const {
    const std::string value = parameter(name);
    std::int64_t result = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
    if (!value.empty() && error == std::errc() && end == value.data() + value.size() &&
        result >= least && result <= most) {
      return result;
    }
    return damaged_as(
        "an ANEMLL description", (folder_ / "meta.yaml").string(),
        fmt::format("{} is \"{}\", not a number from {} to {}", name, value, least, most));
  }

  [[nodiscard]] Result<std::int64_t> number_or_none(std::string_view name) const {
    const std::string value = parameter(name);
    if (value.empty() || value == "none" || value == "null") return 0;
    return number(name, 0, longest_context);
  }

  void add_palette(std::string_view part, std::string_view name, AnemllFolder& result) const {
    const std::string bits = parameter(name);
    if (bits.empty() || bits == "none") return;
    result.palettes += fmt::format("{}{} {} bits", result.palettes.empty() ? "" : ", ", part, bits);
  }

  /// The name of a model without its extension: what is written, or what the converter makes.
  [[nodiscard]] std::string file(std::string_view name, const std::string& otherwise,
                                 std::string_view palette) const {
    std::string written = parameter(name);
    for (const std::string_view extension : {".mlmodelc", ".mlpackage"}) {
      if (written.ends_with(extension)) written.resize(written.size() - extension.size());
    }
    if (!written.empty()) return written;
    const std::string bits = parameter(palette);
    return bits.empty() || bits == "none" ? otherwise : otherwise + "_lut" + bits;
  }

  [[nodiscard]] Result<fs::path> model(const std::string& stem) const {
    if (stem.empty() || stem.find('/') != std::string::npos) {
      return damaged_as("an ANEMLL description", (folder_ / "meta.yaml").string(),
                        fmt::format("\"{}\" is no model beside it", stem));
    }
    std::error_code error;
    for (const char* extension : {".mlmodelc", ".mlpackage"}) {
      const fs::path path = folder_ / (stem + extension);
      if (fs::is_directory(path, error)) return path;
    }
    Error missing = incomplete_folder(
        folder_.string(), fmt::format("{}.mlmodelc or {}.mlpackage is missing", stem, stem));
    const std::string archive = stem + ".mlmodelc.zip";
    if (fs::exists(folder_ / archive, error)) {
      missing.hint = fmt::format("unpack {} there: unzip {}", archive, archive);
    }
    return missing;
  }

  [[nodiscard]] Result<std::vector<fs::path>> chunks(std::string stem) const {
    const std::int64_t count = TRY(number("num_chunks", 1, most_chunks));
    stem = stem.substr(0, stem.find("_chunk_"));
    std::vector<fs::path> result;
    std::error_code error;
    const auto exists = [&](const char* extension) {
      return fs::is_directory(folder_ / (stem + extension), error);
    };
    if (count == 1 && (exists(".mlmodelc") || exists(".mlpackage"))) {
      result.push_back(TRY(model(stem)));
      return result;
    }
    for (std::int64_t chunk = 1; chunk <= count; ++chunk) {
      result.push_back(TRY(model(fmt::format("{}_chunk_{:02}of{:02}", stem, chunk, count))));
    }
    return result;
  }

  const fs::path& folder_;
  const Values& values_;
};

}  // namespace

std::vector<fs::path> AnemllFolder::models() const {
  if (!whole.empty()) return {whole};
  std::vector<fs::path> all{embeddings};
  all.insert(all.end(), chunks.begin(), chunks.end());
  all.push_back(lm_head);
  return all;
}

Values read_yaml_values(std::string_view text) {
  Values values;
  std::vector<std::pair<std::size_t, std::string>> above;  // indentation and path
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t indentation = line.find_first_not_of(' ');
    const std::size_t colon = line.find(':');
    if (indentation == std::string_view::npos || line[indentation] == '#' ||
        colon == std::string_view::npos) {
      continue;
    }
    while (!above.empty() && above.back().first >= indentation) above.pop_back();
    const std::string path = (above.empty() ? "" : above.back().second + ".") +
                             plain(line.substr(indentation, colon - indentation));
    values.try_emplace(path, plain(line.substr(colon + 1)));
    if (above.size() < deepest_meta) above.emplace_back(indentation, path);
  }
  return values;
}

Result<AnemllFolder> read_anemll_folder(const fs::path& folder) {
  const std::string text = TRY(read_file(folder / "meta.yaml", longest_meta));
  const Values values = read_yaml_values(text);
  return MetaReader(folder, values).read();
}

Result<ModelDescription> describe_anemll_folder(const fs::path& folder) {
  const AnemllFolder anemll = TRY(read_anemll_folder(folder));
  ModelDescription description;
  description.path = folder;
  description.format = "anemll";
  description.title = anemll.name;
  description.architecture = anemll.architecture;
  description.quantization = anemll.palettes.empty() ? "none" : "palettes: " + anemll.palettes;
  description.sizes.context = anemll.context;
  const auto models = anemll.models();
  description.details = fmt::format(
      "ANEMLL, {}{}", anemll.whole.empty() ? fmt::format("{} models", models.size()) : "one model",
      anemll.gives_tokens ? ", tokens instead of logits" : "");
  description.files = {folder / "meta.yaml"};
  for (const fs::path& path : models) {
    const CoremlPackage package = TRY(CoremlPackage::open(path));
    add_coreml_files(package, description);
    const bool two =
        std::ranges::find(anemll.chunks, path) != anemll.chunks.end() || path == anemll.whole;
    const std::string main = package.model().main().name;
    add_coreml_refusal(package,
                       two ? std::vector<std::string>{"infer", "prefill"} : std::vector{main},
                       description);
  }
  TRY(read_hf_folder({folder}, description));
  return description;
}

}  // namespace tenfold
