// The numbered types of the GGUF format: metadata values and tensor encodings.
// Source: the GGUF specification (ggml, docs/gguf.md) and the block layouts of ggml 0.26.
#pragma once

#include <cstdint>
#include <string_view>

namespace tenfold {

enum class GgufType : std::uint32_t {
  uint8 = 0,
  int8 = 1,
  uint16 = 2,
  int16 = 3,
  uint32 = 4,
  int32 = 5,
  float32 = 6,
  boolean = 7,
  string = 8,
  array = 9,
  uint64 = 10,
  int64 = 11,
  float64 = 12,
};

/// Bytes of a scalar value; 0 for string, array and unknown types.
std::uint64_t gguf_scalar_bytes(GgufType type);

/// A tensor encoding: `block` elements of a row take `bytes` bytes.
struct TensorEncoding {
  std::string_view name;  ///< "q4_0"
  std::uint32_t block;
  std::uint32_t bytes;
};

/// nullptr for a number that ggml does not (or no longer) use.
const TensorEncoding* find_tensor_encoding(std::uint32_t number);
/// nullptr for an unknown name.
const TensorEncoding* find_tensor_encoding(std::string_view name);

}  // namespace tenfold
