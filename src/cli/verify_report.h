// What `tenfold verify` found, for people.
#pragma once

#include <string>
#include <vector>

#include "parity/verified_run.h"

namespace tenfold {

/// A table with one row a run, then a line for each difference.
std::string verify_text(const std::vector<VerifiedRun>& runs);

}  // namespace tenfold
