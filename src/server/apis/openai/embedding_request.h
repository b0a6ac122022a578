// The body of POST /v1/embeddings.
#pragma once

#include <optional>

#include "server/apis/fields.h"
#include "service/scheduler.h"

namespace tenfold::server::openai {

struct EmbeddingFields {
  ModelUse use;
  std::vector<std::string> texts;
  bool base64 = false;            ///< little-endian 32-bit floats instead of JSON numbers
  std::optional<int> dimensions;  ///< that the vectors must have
  std::vector<std::string> noted;
};

/// invalid_argument or unsupported names the field that is at fault.
Result<EmbeddingFields> read_embedding(Json json);

}  // namespace tenfold::server::openai
