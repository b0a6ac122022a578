#include "formats/zip.h"

#include <fmt/format.h>

#include <algorithm>

namespace tenfold {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t end_record = 22;
constexpr std::size_t longest_comment = 65535;
constexpr std::size_t central_record = 46;
constexpr std::size_t local_record = 30;
constexpr std::size_t most_members = 1000;

/// Little-endian; the caller keeps within the bytes.
std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return value;
}

Error damaged_archive(const std::string& name, std::string_view what) {
  return fail(ErrorCode::bad_model, fmt::format("{} is damaged as a ZIP archive: {}", name, what),
              "download the file again");
}

/// Whether `record` bytes with this signature are at `at`.
bool has_record(std::string_view bytes, std::size_t at, std::string_view signature,
                std::size_t record) {
  return at <= bytes.size() && bytes.size() - at >= record &&
         bytes.substr(at).starts_with(signature);
}

}  // namespace

Result<std::vector<ZipEntry>> read_zip(std::string_view bytes, const std::string& name) {
  const std::size_t tail = bytes.size() - std::min(bytes.size(), end_record + longest_comment);
  const std::size_t found = bytes.substr(tail).rfind("PK\5\6"sv);
  const std::size_t end = found == std::string_view::npos ? bytes.size() : tail + found;
  if (!has_record(bytes, end, "PK\5\6"sv, end_record)) {
    return damaged_archive(name, "its table of contents is missing, so it is truncated");
  }
  const std::uint32_t count = number(bytes, end + 10, 2);
  std::size_t at = number(bytes, end + 16, 4);
  if (count > most_members) return damaged_archive(name, fmt::format("it has {} entries", count));
  std::vector<ZipEntry> entries;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!has_record(bytes, at, "PK\1\2"sv, central_record)) {
      return damaged_archive(name, "its table of contents is incomplete");
    }
    ZipEntry entry;
    entry.stored = number(bytes, at + 10, 2) == 0;
    entry.size = number(bytes, at + 20, 4);
    const std::size_t name_length = number(bytes, at + 28, 2);
    const std::size_t local = number(bytes, at + 42, 4);
    const std::size_t next =
        at + central_record + name_length + number(bytes, at + 30, 2) + number(bytes, at + 32, 2);
    if (next > bytes.size()) return damaged_archive(name, "its table of contents is incomplete");
    entry.name = bytes.substr(at + central_record, name_length);
    if (!has_record(bytes, local, "PK\3\4"sv, local_record)) {
      return damaged_archive(name, fmt::format("its file {} is missing", entry.name));
    }
    entry.begin =
        local + local_record + number(bytes, local + 26, 2) + number(bytes, local + 28, 2);
    if (entry.begin > bytes.size() || entry.size > bytes.size() - entry.begin) {
      return damaged_archive(name, fmt::format("its file {} ends behind it", entry.name));
    }
    entries.push_back(std::move(entry));
    at = next;
  }
  return entries;
}

}  // namespace tenfold
