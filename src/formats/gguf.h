// The header of a GGUF file (versions 2 and 3): metadata and tensor table, never the weights.
// Source of the format: the GGUF specification (ggml, docs/gguf.md).
//
// The parser is for untrusted files: no recursion, every count is checked against the bytes that
// follow before anything is allocated, and what is kept is bounded (strings of at most 1 MiB, 8 MiB
// together; number arrays of at most 4096 elements; 65536 keys and tensors).
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "formats/byte_source.h"
#include "formats/gguf_types.h"

namespace tenfold {

/// An array's type and length. `numbers` holds the elements of short arrays of numbers or booleans
/// and is empty otherwise.
struct GgufArray {
  GgufType element = GgufType::uint8;
  std::uint64_t count = 0;
  std::vector<double> numbers;
};

/// A string that was too long to keep.
struct GgufLongString {
  std::uint64_t bytes = 0;
};

using GgufValue =
    std::variant<bool, std::int64_t, std::uint64_t, double, std::string, GgufLongString, GgufArray>;

struct GgufTensor {
  std::string name;
  std::array<std::uint64_t, 4> shape{1, 1, 1, 1};  ///< innermost first
  std::string_view encoding;                       ///< "q4_0"
  std::uint64_t bytes = 0;
  std::uint64_t offset = 0;  ///< from the start of the file
};

struct GgufFile {
  std::uint32_t version = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t tensor_bytes = 0;  ///< of all tensors, without padding
  std::uint64_t parameters = 0;    ///< elements of all tensors
  std::map<std::string, GgufValue, std::less<>> metadata;
  std::vector<GgufTensor> tensors;

  /// nullptr or nullopt when the key is missing or of another kind.
  [[nodiscard]] const std::string* text(std::string_view key) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key) const;
  [[nodiscard]] std::optional<double> number(std::string_view key) const;
  [[nodiscard]] const GgufArray* array(std::string_view key) const;
};

/// bad_model naming the fault, e.g. how many bytes are missing; unsupported for GGUF versions other
/// than 2 and 3, big-endian files and unknown tensor types; io. `name` is the file's name in
/// messages.
Result<GgufFile> read_gguf(const ByteSource& source, const std::string& name);

}  // namespace tenfold
