// The files that Hugging Face's tools put beside a model's weights: its dimensions, tokenizer, chat
// template, end tokens and recommended sampling. Bounded; the one reader of them.
#pragma once

#include <filesystem>
#include <vector>

#include "formats/bounded_json.h"
#include "formats/description.h"

namespace tenfold {

/// Architecture, sizes and shape from an object with the keys of a Hugging Face config.json (also
/// those of GPT-2, and of multimodal models with a text_config). Fills what is not known yet.
void add_config(const nlohmann::json& config, ModelDescription& description);

/// What config.json in any of `folders` (nearest first) tells of the model, and what the tokenizer
/// (tokenizer_names), tokenizer_config.json, chat_template.json, chat_template.jinja,
/// additional_chat_templates/tool_use.jinja, generation_config.json, config.json and
/// onnxruntime-genai's genai_config.json tell of its text: those in the first folder that has a
/// tokenizer. None has to be there. Of several named templates "default" and, where tools are
/// given, "tool_use" count. bad_model naming a file that is damaged.
Result<void> read_hf_folder(const std::vector<std::filesystem::path>& folders,
                            ModelDescription& description);

}  // namespace tenfold
