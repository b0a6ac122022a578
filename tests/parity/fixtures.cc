#include "fixtures.h"

#include <fstream>
#include <stdexcept>

#include "engine/json.h"

namespace tenfold::parity {
namespace {

/// One thread: the models are too small for two to be of use.
LoadOptions load_options(const Json& engines, const std::string& engine, bool in_chunks) {
  LoadOptions options;
  if (engines.contains(engine)) {
    Json named = engines.at(engine).value("options", Json::object());
    if (in_chunks) named.update(engines.at(engine).value("in_chunks", Json::object()));
    const auto read = load_options_from_json(Json{{"engine_options", named}});
    if (!read.ok()) throw std::runtime_error("fixtures.json: " + read.error().message);
    options = *read;
  }
  options.threads = 1;
  return options;
}

}  // namespace

void PrintTo(const Fixture& fixture, std::ostream* out) { *out << fixture.name; }

std::vector<Fixture> read_fixtures() {
  std::ifstream file("tests/parity/fixtures.json");
  const Json json = Json::parse(file);
  std::vector<Fixture> fixtures;
  for (const Json& row : json.at("fixtures")) {
    Fixture fixture;
    fixture.engine = row.at(0);
    fixture.model = row.at(1);
    fixture.name = fixture.model + "/" + row.at(2).get<std::string>();
    fixture.path = "tests/models/" + fixture.name;
    fixture.precision = row.at(3);
    const Json& precision = json.at("precisions").at(fixture.precision);
    fixture.free.least_agreement = precision.at("agreement");
    fixture.free.largest_kl = precision.at("kl");
    if (precision.at("exact").get<bool>()) fixture.free.largest_gap = 0;
    fixture.score = precision.at("score");
    fixture.options = load_options(json.at("engines"), fixture.engine, false);
    fixture.in_chunks = load_options(json.at("engines"), fixture.engine, true);
    fixtures.push_back(std::move(fixture));
  }
  return fixtures;
}

Fixture fixture_named(const std::string& name) {
  for (Fixture& fixture : read_fixtures()) {
    if (fixture.name == name) return fixture;
  }
  throw std::runtime_error("fixtures.json has no row for " + name);
}

}  // namespace tenfold::parity
