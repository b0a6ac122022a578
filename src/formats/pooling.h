// How the last hidden states of a text become one vector, as sentence-transformers writes it beside
// a model (https://sbert.net/docs/package_reference/sentence_transformer/modules.html).
#pragma once

#include <cstdint>
#include <filesystem>

#include "tenfold/result.h"

namespace tenfold {

enum class Pooling : std::uint8_t {
  mean,
  weighted_mean,  ///< position i counts i + 1 times
  first,
  last,
  max,  ///< of each number by itself
};

/// The files that tell, in the model's folder.
constexpr const char* modules_file = "modules.json";
constexpr const char* pooling_file = "1_Pooling/config.json";

/// `mean` where neither file is there. bad_model naming a file that is damaged; unsupported, naming
/// it, for a way that is not computed.
Result<Pooling> read_pooling(const std::filesystem::path& folder);

}  // namespace tenfold
