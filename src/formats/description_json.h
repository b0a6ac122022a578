// The JSON form of a description: what the locked child answers.
#pragma once

#include <nlohmann/json.hpp>

#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

nlohmann::json to_json(const ModelDescription& description);
/// internal, if a field is missing or of another kind.
Result<ModelDescription> description_from_json(const nlohmann::json& json);

}  // namespace tenfold
