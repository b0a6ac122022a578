// The arguments of a tool, as the bridge has them built: piece by piece, where the schema of an
// answer is a text.
#pragma once

#include <string>

#include "bridge.h"

namespace tenfold::apple_foundation {

/// `schema` is in the model's dialect (schema_in_dialect()). unsupported, naming it, for what the
/// bridge cannot build: $ref, anyOf, and values other than texts, numbers, booleans, objects and
/// lists of these (but booleans). invalid_argument for a zero byte, as texts are C strings.
Result<Object> build_schema(const Bridge& bridge, const std::string& schema);

}  // namespace tenfold::apple_foundation
