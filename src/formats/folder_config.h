// What the JSON files beside a model's weights say of it.
#pragma once

#include <filesystem>

#include "formats/bounded_json.h"
#include "formats/description.h"

namespace tenfold {

/// Architecture, context, vocabulary and shape from an object with the keys of a Hugging Face
/// config.json (also those of GPT-2, and of multimodal models with a text_config).
void add_config(const nlohmann::json& config, ModelDescription& description);

/// Everything that config.json, generation_config.json, tokenizer.json, tokenizer_config.json and
/// chat_template.jinja in `folder` tell; none has to be there. bad_model naming one that is
/// damaged.
Result<void> add_folder_config(const std::filesystem::path& folder, ModelDescription& description);

}  // namespace tenfold
