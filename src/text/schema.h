// JSON Schemas of requests in the form that can be enforced.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tenfold/prompt.h"

namespace tenfold {

/// Takes out the values of "format" that nobody enforces: JSON Schema has unknown formats ignored
/// (2020-12 Validation, 7.2.3). Only where schemas stand, not in values.
void drop_unknown_formats(nlohmann::ordered_json& schema);

/// Makes references into the schema those into a document in which it stands at `to`, a JSON
/// pointer: "#/$defs/x" becomes "#/properties/arguments/$defs/x".
void move_references(nlohmann::ordered_json& schema, const std::string& to);

/// The schema of a tool's arguments as calls are held to it: of an object, whatever its author
/// forgot to say, without unknown formats, and closed: objects that list their fields take no
/// others. Left open, as JSON Schema has them, a small model may go on inventing fields until its
/// context is full. Those put together from parts stay open, as one part does not know the fields
/// of another.
nlohmann::ordered_json enforced_schema(const Tool& tool);

}  // namespace tenfold
