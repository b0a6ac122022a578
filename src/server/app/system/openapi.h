// The description of all routes, embedded when Tenfold is built: openapi.json in this folder.
#pragma once

#include <string_view>

namespace tenfold::server {

extern const std::string_view openapi_json;

}  // namespace tenfold::server
