// Which files of a repository make one model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/hub.h"

namespace tenfold {

/// One model of a repository: a GGUF file or all its shards; an .onnx, .pte or .tflite file with
/// external data, configuration and tokenizer; a .litertlm or .task; an .mlpackage or
/// .mlmodelc; a folder with genai_config.json, mlc-chat-config.json or ANEMLL's meta.yaml; the
/// safetensors of a folder with config.json.
struct HubChoice {
  std::string label;           ///< what `select` can say: a file or a folder; "." the whole
  std::vector<HubFile> files;  ///< in the order of their paths
  std::string folder;          ///< the files are stored relative to it; others by their last name
};

/// Where a file of the choice is stored, below the model's folder.
std::string stored_name(const HubChoice& choice, const HubFile& file);

/// All sizes together; nullopt when one is not known.
std::optional<std::uint64_t> total_bytes(const HubChoice& choice);

/// The models in a repository, in the order above. Files that no engine reads (pictures, weights
/// for training) are in none.
std::vector<HubChoice> hub_choices(const std::vector<HubFile>& files);

/// The one that `select` names: a label, the last part of one, or, in any case of letters, a
/// quantization in its name ("q4_k_m"); also a pair of decoders that is in no hub_choices(), as one
/// file beside it has both. Empty: the only one there is. bad_model when the repository
/// holds no model; invalid_argument, listing the choices with their sizes, when none or several
/// fit.
Result<HubChoice> choose_from_hub(const std::vector<HubFile>& files, std::string_view select,
                                  const std::string& repo);

}  // namespace tenfold
