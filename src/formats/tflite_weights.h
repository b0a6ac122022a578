// The weights of TFLite models: in buffers of the FlatBuffer, behind it, or in a section of a
// bundle as LiteRT's tool litert/tools/externalize_tflite_flatbuffer.py puts them there.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "formats/flatbuffer.h"
#include "tenfold/result.h"

namespace tenfold {

/// Of one model or several.
struct TfliteWeights {
  std::uint64_t bytes = 0;
  std::uint64_t parameters = 0;                         ///< but for integers that count or choose
  std::map<std::uint8_t, std::uint64_t> bytes_by_type;  ///< by TensorType of the schema

  /// `model`: the root of bytes that check_tflite() found right. Signatures share weights: each
  /// counts once.
  void add(const FlatTable& model);
};

/// Bytes that LiteRT can open in place of `bytes`, whose weights lie outside of them: `size` bytes
/// from byte `begin` of the file `path` on. LiteRT's C API finds them by the path that the model
/// names, and no other way; so before the FlatBuffer another root is put that names that file and
/// the places in it, and else refers to what is there. `bytes` are those that check_tflite() found
/// right, and `path` is absolute. bad_model if they mean something else with bytes before them.
Result<std::string> with_weights_at(std::string_view bytes, const std::string& path,
                                    std::uint64_t begin, std::uint64_t size);

}  // namespace tenfold
