// The tables that conversations are kept in.
#pragma once

#include <span>

namespace tenfold {

/// For Database::make_tables().
std::span<const char* const> chat_schema();

}  // namespace tenfold
