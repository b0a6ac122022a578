#include "formats/zip.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "formats/damaged.h"

namespace tenfold {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t end_record = 22;
constexpr std::size_t longest_comment = 65535;
constexpr std::size_t central_record = 46;
constexpr std::size_t local_record = 30;
constexpr std::size_t end_record64 = 56;
constexpr std::size_t locator64 = 20;
constexpr std::uint64_t in_zip64 = 0xffffffff;  ///< a number that stands in a ZIP64 record instead
constexpr std::size_t most_members = 1000;

/// Little-endian; the caller keeps within the bytes.
std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return value;
}

Error damaged_archive(const std::string& name, std::string_view what) {
  return damaged_as("a ZIP archive", name, what);
}

/// Whether `record` bytes with this signature are at `at`.
bool has_record(std::string_view bytes, std::size_t at, std::string_view signature,
                std::size_t record) {
  return at <= bytes.size() && bytes.size() - at >= record &&
         bytes.substr(at).starts_with(signature);
}

/// Where the table of contents is.
struct Contents {
  std::uint64_t count = 0;
  std::uint64_t at = 0;
};

/// What the end record at `end` says, or that of ZIP64 before it.
Contents find_contents(std::string_view bytes, std::size_t end) {
  if (end >= locator64 && has_record(bytes, end - locator64, "PK\6\7"sv, locator64)) {
    const std::uint64_t wide = number(bytes, end - locator64 + 8, 8);
    if (has_record(bytes, wide, "PK\6\6"sv, end_record64)) {
      return {number(bytes, wide + 32, 8), number(bytes, wide + 48, 8)};
    }
  }
  return {number(bytes, end + 10, 2), number(bytes, end + 16, 4)};
}

/// Takes those of `values` that are in_zip64 from the field of ZIP64 among the extra ones: they
/// stand there in this order.
void widen(std::string_view extra, std::initializer_list<std::uint64_t*> values) {
  constexpr std::uint64_t zip64 = 1;
  while (extra.size() >= 4) {
    const std::uint64_t kind = number(extra, 0, 2);
    std::string_view field = extra.substr(4, number(extra, 2, 2));
    extra.remove_prefix(4 + field.size());
    if (kind != zip64) continue;
    for (std::uint64_t* value : values) {
      if (*value != in_zip64 || field.size() < 8) continue;
      *value = number(field, 0, 8);
      field.remove_prefix(8);
    }
  }
}

}  // namespace

Result<std::vector<ZipEntry>> read_zip(std::string_view bytes, const std::string& name) {
  const std::size_t tail = bytes.size() - std::min(bytes.size(), end_record + longest_comment);
  const std::size_t found = bytes.substr(tail).rfind("PK\5\6"sv);
  const std::size_t end = found == std::string_view::npos ? bytes.size() : tail + found;
  if (!has_record(bytes, end, "PK\5\6"sv, end_record)) {
    return damaged_archive(name, "its table of contents is missing, so it is truncated");
  }
  const Contents contents = find_contents(bytes, end);
  if (contents.count > most_members) {
    return damaged_archive(name, fmt::format("it has {} entries", contents.count));
  }
  std::uint64_t at = contents.at;
  std::vector<ZipEntry> entries;
  for (std::uint64_t i = 0; i < contents.count; ++i) {
    if (!has_record(bytes, at, "PK\1\2"sv, central_record)) {
      return damaged_archive(name, "its table of contents is incomplete");
    }
    ZipEntry entry;
    entry.stored = number(bytes, at + 10, 2) == 0;
    entry.size = number(bytes, at + 20, 4);
    std::uint64_t unpacked = number(bytes, at + 24, 4);
    std::uint64_t local = number(bytes, at + 42, 4);
    const std::uint64_t name_length = number(bytes, at + 28, 2);
    const std::uint64_t extra_length = number(bytes, at + 30, 2);
    const std::uint64_t extra = at + central_record + name_length;
    const std::uint64_t next = extra + extra_length + number(bytes, at + 32, 2);
    if (next > bytes.size()) return damaged_archive(name, "its table of contents is incomplete");
    widen(bytes.substr(extra, extra_length), {&unpacked, &entry.size, &local});
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
