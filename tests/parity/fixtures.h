// tests/parity/fixtures.json: which engine opens which files of tests/models, and how near to the
// reference each precision must come.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "parity/report.h"

namespace tenfold::parity {

struct Fixture {
  std::string engine;
  std::string model;      ///< "tiny-llama"
  std::string name;       ///< "tiny-llama/tiny-llama-f32.gguf": the path in tests/models
  std::string path;       ///< from the source root
  std::string precision;  ///< a name from the table of precisions
  ParityBounds free;      ///< for the free texts; taught answers must be the same everywhere
  double score = 0;       ///< largest absolute difference of a log-probability
  LoadOptions options;
  LoadOptions in_chunks;  ///< the same with prefill in chunks shorter than a long prompt
};

/// For the test framework's messages.
void PrintTo(const Fixture& fixture, std::ostream* out);

/// Throws if the file is not as expected.
std::vector<Fixture> read_fixtures();

/// Throws if there is no such row.
Fixture fixture_named(const std::string& name);

}  // namespace tenfold::parity
