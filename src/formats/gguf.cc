// Header, metadata and tensor table, in file order.
#include "formats/gguf.h"

#include <fmt/format.h>

#include <bit>
#include <limits>

#include "formats/gguf_cursor.h"
#include "formats/gguf_tensors.h"
#include "formats/gguf_values.h"

namespace tenfold {
namespace {

constexpr std::uint64_t most_keys = 65536;
constexpr std::uint64_t default_alignment = 32;

struct Header {
  std::uint32_t version = 0;
  std::uint64_t tensors = 0;
  std::uint64_t keys = 0;
};

Result<Header> read_header(GgufCursor& cursor, const std::string& name) {
  Header header;
  const auto magic = TRY(cursor.number<std::uint32_t>());
  if (magic != 0x46554747U) return cursor.bad("it does not start with \"GGUF\"");
  header.version = TRY(cursor.number<std::uint32_t>());
  if (header.version != 0 && (header.version & 0xFFFFU) == 0) {
    return fail(ErrorCode::unsupported, fmt::format("{} is a big-endian GGUF file", name),
                "get the little-endian version of the model");
  }
  if (header.version < 2 || header.version > 3) {
    return fail(
        ErrorCode::unsupported,
        fmt::format("{} is GGUF version {}; versions 2 and 3 are supported", name, header.version));
  }
  header.tensors = TRY(cursor.number<std::uint64_t>());
  header.keys = TRY(cursor.number<std::uint64_t>());
  // A key takes at least a length, one character, a type and a one-byte value; a tensor a length,
  // one character, a dimension count, a type and an offset.
  TRY(cursor.expect_room(header.keys, 14, "metadata keys"));
  TRY(cursor.expect_room(header.tensors, 25, "tensors"));
  if (header.keys > most_keys || header.tensors > most_keys) {
    return cursor.bad(fmt::format("it has {} keys and {} tensors; {} of each are allowed",
                                  header.keys, header.tensors, most_keys));
  }
  return header;
}

Result<std::uint64_t> alignment_of(const GgufFile& file, const GgufCursor& cursor) {
  if (!file.metadata.contains("general.alignment")) return default_alignment;
  const auto value = file.integer("general.alignment").value_or(0);
  if (value <= 0 || value > (1 << 20) || !std::has_single_bit(static_cast<std::uint64_t>(value))) {
    return cursor.bad("general.alignment is not a power of two");
  }
  return static_cast<std::uint64_t>(value);
}

}  // namespace

Result<GgufFile> read_gguf(const ByteSource& source, const std::string& name) {
  GgufCursor cursor(source, name);
  const Header header = TRY(read_header(cursor, name));
  GgufFile file;
  file.version = header.version;
  file.file_bytes = source.size();
  file.metadata = TRY(read_gguf_values(cursor, header.keys));
  const auto alignment = TRY(alignment_of(file, cursor));
  file.tensors = TRY(read_gguf_tensors(cursor, header.tensors, alignment, source.size(), name));
  for (const GgufTensor& tensor : file.tensors) {
    file.tensor_bytes += tensor.bytes;
    file.parameters += tensor.shape[0] * tensor.shape[1] * tensor.shape[2] * tensor.shape[3];
  }
  return file;
}

const std::string* GgufFile::text(std::string_view key) const {
  const auto found = metadata.find(key);
  return found == metadata.end() ? nullptr : std::get_if<std::string>(&found->second);
}

std::optional<std::int64_t> GgufFile::integer(std::string_view key) const {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return std::nullopt;
  if (const auto* value = std::get_if<std::int64_t>(&found->second)) return *value;
  if (const auto* value = std::get_if<std::uint64_t>(&found->second)) {
    if (*value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return static_cast<std::int64_t>(*value);
    }
  }
  return std::nullopt;
}

std::optional<double> GgufFile::number(std::string_view key) const {
  if (const auto value = integer(key)) return static_cast<double>(*value);
  const auto found = metadata.find(key);
  if (found == metadata.end()) return std::nullopt;
  const auto* value = std::get_if<double>(&found->second);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

const GgufArray* GgufFile::array(std::string_view key) const {
  const auto found = metadata.find(key);
  return found == metadata.end() ? nullptr : std::get_if<GgufArray>(&found->second);
}

}  // namespace tenfold
