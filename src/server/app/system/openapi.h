// The description of all routes, embedded when Tenfold is built: openapi.json in this folder.
#pragma once

#include <string_view>

namespace tenfold::server {

extern const std::string_view openapi_json;

/// The same with the noted fields of the public APIs (apis/noted.h).
const std::string& openapi_text();

}  // namespace tenfold::server
