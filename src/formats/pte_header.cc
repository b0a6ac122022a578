#include "formats/pte_header.h"

#include <fmt/format.h>

#include <cstring>
#include <string_view>

#include "formats/detect.h"

namespace tenfold {
namespace {

constexpr std::size_t header_at = 8;     // behind root offset and identifier
constexpr std::size_t old_header = 24;   // magic, its own length, program size, segment offset
constexpr std::size_t header_size = 32;  // and the size of the segments

/// Little-endian, as the file is.
template <typename T>
T number_at(std::string_view bytes, std::size_t offset) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[offset + i])) << 8 * i);
  }
  return value;
}

Error damaged(const std::string& name, const std::string& what) {
  return fail(ErrorCode::bad_model, fmt::format("{} is damaged: {}", name, what),
              "download the file again, or export the model again");
}

Error truncated(const std::string& name, std::uint64_t size, std::uint64_t needed) {
  return damaged(name, fmt::format("it is truncated: it has {} of {} bytes", size, needed));
}

}  // namespace

Result<PteHeader> read_pte_header(const ByteSource& source, const std::string& name) {
  TRY(require_format(source, name, "pte"));
  const std::uint64_t size = source.size();
  std::string head(std::min<std::uint64_t>(size, header_at + header_size), '\0');
  TRY(source.read_at(0, head));
  const std::uint64_t root = number_at<std::uint32_t>(head, 0);
  const bool extended = std::string_view(head).substr(header_at).starts_with("eh00");
  if (!extended) {
    if (root >= size) return damaged(name, fmt::format("its root is at byte {} of {}", root, size));
    return PteHeader{size, 0};
  }
  if (head.size() < header_at + old_header) return truncated(name, size, header_at + old_header);
  const auto length = number_at<std::uint32_t>(head, header_at + 4);
  if (length < old_header) return damaged(name, fmt::format("its header claims {} bytes", length));
  PteHeader header;
  header.program = number_at<std::uint64_t>(head, header_at + 8);
  const auto base = number_at<std::uint64_t>(head, header_at + 16);
  if (header.program > size) return truncated(name, size, header.program);
  if (root >= header.program) {
    return damaged(name, fmt::format("its root is at byte {} of {}", root, header.program));
  }
  if (base == 0) return header;
  if (base < header.program) {
    return damaged(name, fmt::format("its segments begin at byte {}, inside the program of {}",
                                     base, header.program));
  }
  if (base > size) return truncated(name, size, base);
  header.segments = size - base;
  if (length >= header_size && head.size() >= header_at + header_size) {
    const auto segments = number_at<std::uint64_t>(head, header_at + 24);
    if (segments > header.segments) {
      return segments > UINT64_MAX - base
                 ? damaged(name, fmt::format("its segments claim {} bytes", segments))
                 : truncated(name, size, base + segments);
    }
    header.segments = segments;
  }
  return header;
}

}  // namespace tenfold
