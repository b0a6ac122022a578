#pragma once

#include <string>
#include <string_view>

namespace tenfold::server::page {

/// As gzip -9 makes it (RFC 1952); empty if there is no memory.
std::string gzip(std::string_view bytes);

}  // namespace tenfold::server::page
