// The header of a safetensors file: 8 bytes of length, then a JSON object with type, shape and
// place of every tensor (https://huggingface.co/docs/safetensors, "Format").
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/result.h"

namespace tenfold {

struct SafetensorsTensor {
  std::string type;                  ///< "BF16"
  std::vector<std::uint64_t> shape;  ///< empty: one number
  std::uint64_t begin = 0;           ///< byte of the file
  std::uint64_t end = 0;             ///< as many bytes as the shape has, where the type is known
};

struct SafetensorsHeader {
  std::map<std::string, SafetensorsTensor> tensors;
  std::map<std::string, std::uint64_t> bytes_by_type;  ///< "BF16"
  std::uint64_t bytes = 0;                             ///< of all tensors
  std::uint64_t elements = 0;  ///< of tensors of numbers, without scales and biases of groups
  std::uint64_t packed_elements = 0;  ///< 32-bit words that hold several weights each
};

/// `bytes` is the whole file. bad_model, naming `name`, if it is damaged or cut short.
Result<SafetensorsHeader> read_safetensors(std::string_view bytes, const std::string& name);

}  // namespace tenfold
