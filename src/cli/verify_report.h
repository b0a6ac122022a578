// What `tenfold verify` found, for programs and for people.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/json.h"
#include "parity/report.h"
#include "service/service.h"

namespace tenfold {

/// One model with one engine.
struct VerifiedRun {
  std::string model;  ///< as the user named it
  ModelChoice choice;
  std::string engine_version;
  ModelInfo info;
  bool is_reference = false;
  RunReport report;                 ///< against the reference; empty for that itself
  std::vector<std::string> faults;  ///< why it does not agree
  std::optional<Error> error;       ///< why it could not be compared

  [[nodiscard]] bool agrees() const { return faults.empty() && !error; }
};

Json to_json(const VerifiedRun& run);

/// A table with one row a run, then a line for each difference.
std::string verify_text(const std::vector<VerifiedRun>& runs);

}  // namespace tenfold
