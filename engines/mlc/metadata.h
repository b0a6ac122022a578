// What a compiled library says of the model it was made for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tenfold/result.h"

namespace tenfold::mlc {

struct Parameter {
  std::string name;
  std::string type;  ///< "float32"
  /// Sizes that only the weights tell are 0.
  std::vector<std::int64_t> shape;
};

/// Sizes are in tokens.
struct Metadata {
  std::string model_type;
  std::string quantization;
  std::string processor;  ///< one of processor_levels(); empty: it does not say
  std::int64_t context = 0;
  std::int64_t prefill_chunk = 0;  ///< that one call takes at most
  std::int64_t batch = 1;          ///< sequences that one call takes at most
  std::int64_t layers = 0;
  std::int64_t cache_heads = 0;
  std::int64_t head_size = 0;
  std::vector<Parameter> parameters;  ///< in the order in which functions take them
};

/// Reads what `_metadata` of a library gives (mlc_llm/interface/compile.py, "_attach_metadata").
/// bad_model, naming `library` and the field; unsupported for models in parts on several devices,
/// without a KV cache, or with one window for all layers.
Result<Metadata> read_metadata(const std::string& json, const std::string& library);

/// unsupported, if this processor has not the instructions that the library needs.
Result<void> check_processor(const Metadata& metadata, const std::string& library);

}  // namespace tenfold::mlc
