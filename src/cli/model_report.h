// How the commands of the store show a model.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json.h"
#include "models/store.h"

namespace tenfold {

/// "512 B", "1.5 MiB", "94 MiB", "4.7 GiB".
std::string size_text(std::uint64_t bytes);

/// The ids of the engines that open the format.
std::vector<std::string_view> engine_names(std::string_view format);

/// Every member, and "present": whether all files are there with their sizes.
Json to_json(const StoredModel& model);

}  // namespace tenfold
