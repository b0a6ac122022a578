// One fixture on one engine against the reference.
#pragma once

#include <string>
#include <vector>

#include "fixtures.h"
#include "reference.h"

namespace tenfold::parity {

struct FixtureReport {
  std::size_t texts = 0;       ///< tokenized
  std::size_t texts_same = 0;  ///< of these, with the reference's ids
  RunReport known;
  RunReport free;
  std::optional<double> score_difference;  ///< largest; absent: the engine has no score
  std::vector<std::string> faults;         ///< one sentence each; empty: all is as it must be
};

/// Loads the fixture and compares. The engine's own errors end it.
Result<FixtureReport> check_fixture(Engine& engine, const Fixture& fixture,
                                    const Reference& reference);

}  // namespace tenfold::parity
