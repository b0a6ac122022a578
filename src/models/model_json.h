// How --json and the server's API show a model of the store.
#pragma once

#include <string_view>
#include <vector>

#include "engine/json.h"
#include "models/store.h"

namespace tenfold {

/// The ids of the engines that open the format.
std::vector<std::string_view> engine_names(std::string_view format);

/// Every member, and "present": whether all files are there with their sizes.
Json to_json(const StoredModel& model);

}  // namespace tenfold
