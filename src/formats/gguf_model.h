// A GGUF model on disk: one file or all shards of a split one, checked before a framework sees it.
#pragma once

#include <string>
#include <vector>

#include "formats/gguf.h"

namespace tenfold {

struct GgufModel {
  GgufFile header;                 ///< of the first shard; its tensors are that shard's
  std::vector<std::string> files;  ///< all shards, in order
  std::uint64_t tensor_bytes = 0;  ///< of all shards
  std::uint64_t parameters = 0;    ///< of all shards
  std::string architecture;        ///< "llama"
};

/// Opens and checks the file and, for a split model, its sibling shards (the path must be the first
/// one's). not_found, permission_denied, io; bad_model with the reason; unsupported for what is a
/// GGUF file but no language model (adapter, vision projector, importance matrix). Reads headers
/// only and keeps under 32 MiB.
Result<GgufModel> open_gguf_model(const std::string& path);

}  // namespace tenfold
