// One model with one engine, and whether its answers are those of the reference.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/json.h"
#include "engine/table.h"
#include "parity/report.h"

namespace tenfold {

struct VerifiedRun {
  std::string model;  ///< as the user named it
  ResolvedModel resolved;
  const EngineEntry* engine = nullptr;  ///< never null
  std::string engine_version;
  ModelInfo info;
  bool is_reference = false;
  RunReport report;                 ///< against the reference; empty for that itself
  std::vector<std::string> faults;  ///< why it does not agree
  std::optional<Error> error;       ///< why it could not be compared

  [[nodiscard]] bool agrees() const { return faults.empty() && !error; }
};

/// Whether all agree.
bool agree(std::span<const VerifiedRun> runs);

/// {"agrees", "runs"}, as `tenfold verify --json` and the server show them.
Json to_json(std::span<const VerifiedRun> runs);

}  // namespace tenfold
