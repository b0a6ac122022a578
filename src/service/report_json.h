// How --json and the server's API show an engine.
#pragma once

#include "engine/json.h"
#include "service/service.h"

namespace tenfold {

Json to_json(const EngineReport& report);

}  // namespace tenfold
