// JSON schemas in the dialect of Apple's model.
#pragma once

#include <string>

#include "tenfold/prompt.h"
#include "tenfold/result.h"

namespace tenfold::apple_foundation {

/// Objects get a title and the order of their fields; what only explains ("default", "examples")
/// is left out. unsupported, naming it, for a keyword that the dialect does not have, and
/// invalid_argument for one whose value cannot be, and for a schema nested deeper than 64.
Result<std::string> schema_in_dialect(const std::string& schema);

/// The same for the arguments of a tool, which are an empty object if it has no parameters.
Result<std::string> parameters_in_dialect(const Tool& tool);

}  // namespace tenfold::apple_foundation
