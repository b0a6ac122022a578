// What a worker may touch, known before it starts. The sandbox that enforces it is to come.
#pragma once

#include <filesystem>
#include <vector>

#include "engine/json.h"
#include "engine/table.h"
#include "tenfold/model.h"
#include "tenfold/options.h"

namespace tenfold {

struct WorkerAccess {
  std::vector<std::filesystem::path> read;   ///< files, beside the program and its libraries
  std::vector<std::filesystem::path> write;  ///< folders, which it reads too
  bool network = false;
  bool executable_memory = false;  ///< maps machine code after it started
};

/// A pure function of the model, of how it is loaded, and of the engine's row of the table. Options
/// that were not given count with their defaults. Paths are absolute and in order.
WorkerAccess worker_access(const ResolvedModel& model, const LoadOptions& load,
                           const EngineEntry& engine);

Json to_json(const WorkerAccess& access);

}  // namespace tenfold
