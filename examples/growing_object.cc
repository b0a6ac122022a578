// An object that is shown while it is written: each line is whole JSON, and goes on from the last.
#include <fmt/format.h>

#include "example.h"
#include "text/whole_json.h"

namespace {

using namespace tenfold;

constexpr const char* schema = R"({
  "type": "object",
  "properties": {
    "title": {"type": "string", "pattern": "^[A-Za-z ]{4,24}$"},
    "steps": {"type": "array", "items": {"enum": ["mix", "knead", "wait", "bake"]}, "minItems": 2, "maxItems": 4},
    "minutes": {"type": "integer", "minimum": 10, "maximum": 90}
  },
  "required": ["title", "steps", "minutes"],
  "additionalProperties": false
})";

Result<void> ask(Engine& engine, std::string question) {
  Request request;
  request.prompt = std::vector<Message>{{"user", std::move(question)}};
  request.constraint = {Constraint::Kind::json_schema, schema};
  std::string begun, shown;
  TRY(engine.stream(request, [&](const Delta& delta) {
    begun += delta.text;
    if (const std::string whole = whole_json(begun); whole != shown) {
      fmt::print("{}\n", whole);
      shown = whole;
    }
  }));
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  return tenfold::run_example(count, arguments, ask, "How is bread made?");
}
