// Every route of the server, in one table; /openapi.json describes the same ones.
#pragma once

#include <span>

#include "server/http/router.h"

namespace tenfold::server {

std::span<const Route> routes();

}  // namespace tenfold::server
