// Presets: how the user wants single models sampled, kept in config.json:
//
//   "presets": {"smollm2-135m-instruct": {"temperature": 0.5}}
//
// A model is named as in the store, or by the absolute path of a file that is not there. The
// numbers are those of the sampling (engine/fields.h). They come after the settings and before what
// the model recommends.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "models/store.h"
#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold {

inline constexpr std::string_view presets_key = "presets";

/// invalid_argument naming `path`, the model and the number that is unknown or out of range.
Result<void> check_presets(const nlohmann::json& presets, const std::string& path);

/// Puts the presets of `changes` in the place of those in `config`, model by model; a null takes
/// one out, and null for `changes` all of them. Checks nothing.
void change_presets(nlohmann::json& config, const nlohmann::json& changes);

/// The preset of a model named as in the store or by its path; nothing where there is none, or
/// where somebody broke config.json by hand.
Sampling model_preset(ModelStore& store, const std::string& config_path, const std::string& model);

}  // namespace tenfold
