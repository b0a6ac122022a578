#include "formats/task_bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "formats/task_metadata.h"
#include "formats/zip.h"

namespace tenfold {
namespace {

constexpr std::string_view model_entry = "TF_LITE_PREFILL_DECODE";
constexpr std::string_view embedder_entry = "TF_LITE_EMBEDDER";
constexpr std::string_view per_layer_entry = "TF_LITE_PER_LAYER_EMBEDDER";
constexpr std::string_view tokenizer_entry = "TOKENIZER_MODEL";
constexpr std::string_view metadata_entry = "METADATA";

constexpr std::uint64_t largest_tokenizer = 256 << 20;
constexpr std::uint64_t largest_metadata = 16 << 20;

Result<const ZipEntry*> entry_of(const std::vector<ZipEntry>& entries, std::string_view wanted,
                                 const std::string& name) {
  const auto found = std::ranges::find(entries, wanted, &ZipEntry::name);
  if (found == entries.end()) {
    return fail(
        ErrorCode::unsupported,
        fmt::format("{} has no entry {}, which a bundle of a language model has", name, wanted),
        "choose a .task bundle for text generation");
  }
  if (!found->stored) {
    return fail(ErrorCode::unsupported,
                fmt::format("{} has its entry {} compressed; a bundle is read as it lies in the "
                            "file",
                            name, wanted),
                "unpack it, and pack it again without compression (zip -0)");
  }
  return &*found;
}

Result<std::optional<BundledModel>> model_if_any(const std::vector<ZipEntry>& entries,
                                                 std::string_view wanted, const std::string& name) {
  std::optional<BundledModel> model;
  if (std::ranges::find(entries, wanted, &ZipEntry::name) != entries.end()) {
    const ZipEntry& entry = *TRY(entry_of(entries, wanted, name));
    model = BundledModel{entry.begin, entry.size};
  }
  return model;
}

/// The bytes of a small entry.
Result<std::string_view> content_of(std::string_view bytes, const ZipEntry& entry,
                                    std::uint64_t limit, const std::string& name) {
  if (entry.size <= limit) return bytes.substr(entry.begin, entry.size);
  return fail(ErrorCode::bad_model, fmt::format("{}: its entry {} is too large", name, entry.name),
              "download the file again");
}

}  // namespace

Result<TaskBundle> read_task(std::string_view bytes, const std::string& name) {
  const std::vector<ZipEntry> entries = TRY(read_zip(bytes, name));
  const ZipEntry& model = *TRY(entry_of(entries, model_entry, name));
  const ZipEntry& tokenizer = *TRY(entry_of(entries, tokenizer_entry, name));
  const ZipEntry& metadata = *TRY(entry_of(entries, metadata_entry, name));
  TaskBundle bundle;
  bundle.models.main = {model.begin, model.size};
  bundle.models.embedder = TRY(model_if_any(entries, embedder_entry, name));
  bundle.models.per_layer_embedder = TRY(model_if_any(entries, per_layer_entry, name));
  bundle.tokenizer = TRY(content_of(bytes, tokenizer, largest_tokenizer, name));
  bundle.metadata = TRY(read_task_metadata(TRY(content_of(bytes, metadata, largest_metadata, name)),
                                           fmt::format("{} ({})", name, metadata_entry)));
  constexpr std::array known{model_entry, embedder_entry, per_layer_entry, tokenizer_entry,
                             metadata_entry};
  for (const ZipEntry& entry : entries) {
    if (std::ranges::find(known, entry.name) == known.end()) bundle.others.push_back(entry.name);
  }
  return bundle;
}

}  // namespace tenfold
