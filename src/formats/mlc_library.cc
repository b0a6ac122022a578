#include "formats/mlc_library.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/paths.h"
#include "base/processor.h"
#include "base/sha256.h"
#include "formats/damaged.h"
#include "formats/mapped_file.h"
#include "formats/mlc_weights.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_json = 16 << 20;  // as read_bounded_json() has it
constexpr std::size_t digest_letters = 16;

const char* const how_to_compile =
    "run `tenfold engines add mlc --compiler` once, then `tenfold compile FOLDER`";

#if defined(__x86_64__)
constexpr std::uint16_t this_machine = 62;  // EM_X86_64
#else
constexpr std::uint16_t this_machine = 183;  // EM_AARCH64
#endif

/// A shared object for 64 bits, little-endian (System V ABI, "Object Files"), whose numbers stand
/// at fixed places of its header, of each section's header and of each symbol.
class ElfFile {
 public:
  explicit ElfFile(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool is_one() const {
    return bytes_.size() >= header_bytes && bytes_.starts_with("\177ELF\2\1");
  }
  [[nodiscard]] std::uint16_t machine() const { return *number<std::uint16_t>(18); }

  /// Names of the symbols that it defines; nothing if its tables, which lie at the end, are not
  /// whole.
  [[nodiscard]] std::optional<std::vector<std::string_view>> symbols() const {
    std::vector<std::string_view> names;
    const auto sections = *number<std::uint16_t>(60);
    if (*number<std::uint16_t>(58) != section_bytes || sections == 0) return {};
    for (std::uint16_t i = 0; i < sections; ++i) {
      const auto type = number<std::uint32_t>(section(i) + 4);
      if (!type) return {};
      if (*type == symbol_table && !add_symbols(section(i), names)) return {};
    }
    return names;
  }

 private:
  static constexpr std::size_t header_bytes = 64;
  static constexpr std::size_t section_bytes = 64;
  static constexpr std::size_t symbol_bytes = 24;
  static constexpr std::uint32_t symbol_table = 11;  // SHT_DYNSYM

  template <typename Number>
  [[nodiscard]] std::optional<Number> number(std::uint64_t offset) const {
    Number value;
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof value) return {};
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

  /// Where the header of a section is.
  [[nodiscard]] std::uint64_t section(std::uint64_t index) const {
    return *number<std::uint64_t>(40) + index * section_bytes;
  }

  bool add_symbols(std::uint64_t table, std::vector<std::string_view>& names) const {
    const auto begin = number<std::uint64_t>(table + 24);
    const auto size = number<std::uint64_t>(table + 32);
    const auto link = number<std::uint32_t>(table + 40);
    if (!begin || !size || !link) return false;
    const auto strings = number<std::uint64_t>(section(*link) + 24);
    if (!strings || *size > bytes_.size()) return false;
    for (std::uint64_t at = *begin; at < *begin + *size; at += symbol_bytes) {
      const auto name = number<std::uint32_t>(at);
      const auto home = number<std::uint16_t>(at + 6);
      if (!name || !home) return false;
      if (*home != 0) names.push_back(text(*strings + *name));
    }
    return true;
  }

  /// Up to the zero that ends it.
  [[nodiscard]] std::string_view text(std::uint64_t offset) const {
    if (offset >= bytes_.size()) return {};
    const std::string_view rest = bytes_.substr(offset);
    return rest.substr(0, rest.find('\0'));
  }

  std::string_view bytes_;
};

std::vector<fs::path> libraries_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".so") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace

Result<fs::path> compiled_mlc_library(const fs::path& folder, const std::string& level) {
  Sha256 digest = TRY(Sha256::create());
  for (const fs::path& file : {folder / "mlc-chat-config.json", mlc_weights_file(folder)}) {
    const std::string text = TRY(read_file(file, longest_json));
    digest.update(std::as_bytes(std::span(text)));
  }
  // Another version may compile otherwise.
  digest.update(std::as_bytes(std::span(std::string_view(TENFOLD_VERSION))));
  return cache_folder() / "mlc" /
         fmt::format("{}-{}.so", digest.finish().substr(0, digest_letters), level);
}

Result<fs::path> find_mlc_library(const fs::path& folder) {
  std::error_code error;
  for (const std::string& level : processor_levels()) {
    const fs::path compiled = TRY(compiled_mlc_library(folder, level));
    if (fs::is_regular_file(compiled, error)) return compiled;
  }
  std::vector<fs::path> beside = libraries_in(folder);
  if (beside.size() > 1) {
    std::vector<fs::path> others = beside;
    std::erase_if(others, [](const fs::path& path) {
      return path.filename().string().find("cpu") == std::string::npos;
    });
    if (others.size() == 1) beside = std::move(others);
  }
  if (beside.size() == 1) return beside.front();
  if (beside.empty()) {
    return fail(ErrorCode::not_found,
                fmt::format("there is no compiled library for {}: its folder has the weights, but "
                            "MLC-LLM computes with machine code made for each model and processor",
                            folder.string()),
                how_to_compile);
  }
  return fail(ErrorCode::invalid_argument,
              fmt::format("{} has {} libraries, {} and others", folder.string(), beside.size(),
                          beside.front().filename().string()),
              "leave the one for this processor there, or put \"cpu\" into its name alone");
}

Result<void> check_mlc_library(const fs::path& library) {
  const MappedFile file = TRY(MappedFile::open(library));
  return check_mlc_library(file.bytes(), library);
}

Result<void> check_mlc_library(std::string_view bytes, const std::string& path) {
  const auto refuse = [&](std::string_view what) {
    return fail(ErrorCode::unsupported, fmt::format("{} {}", path, what), how_to_compile);
  };
  const ElfFile file(bytes);
  if (!file.is_one()) return refuse("is no library of this system");
  if (file.machine() != this_machine) return refuse("was compiled for another kind of processor");
  const auto symbols = file.symbols();
  if (!symbols) return damaged_as("a library", path, "its tables are not there as a whole");
  const auto has = [&](std::string_view name) {
    return std::ranges::find(*symbols, name) != symbols->end();
  };
  if (has("__tvm_ffi__library_bin")) return {};
  if (has("__tvm_dev_mblob") || has("__tvm_ffi_main__") || has("__tvm_module_ctx")) {
    return refuse("was compiled by an older version of TVM than the one that runs it");
  }
  return refuse("is no model library of MLC-LLM");
}

}  // namespace tenfold
