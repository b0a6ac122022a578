// Paths and queries of several routes.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tenfold/result.h"

namespace tenfold::server {

/// The number in a path; not_found for anything else.
Result<std::int64_t> read_id(const std::string& text);

/// A query with one parameter that may be absent and has one of two values; the first is the
/// default. True for the second.
Result<bool> read_choice(const std::map<std::string, std::string>& query, const std::string& name,
                         const std::string& first, const std::string& second);

}  // namespace tenfold::server
