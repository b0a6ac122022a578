#include "models/catalogue.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace tenfold {

extern const std::string_view catalogue_json;

namespace {

using Json = nlohmann::json;

WheelPart read_part(const Json& json) {
  return {json.at("package").get<std::string>(), json.at("version").get<std::string>(),
          json.at("wheel_bytes").get<std::uint64_t>(), json.at("wheel_sha256").get<std::string>(),
          json.at("member").get<std::string>()};
}

CatalogueModel read_model(const Json& json) {
  CatalogueModel model{json.at("name").get<std::string>(),
                       json.at("title").get<std::string>(),
                       json.at("about").get<std::string>(),
                       json.at("licence").get<std::string>(),
                       json.value("system", ""),
                       json.at("format").get<std::string>(),
                       json.at("bytes").get<std::uint64_t>(),
                       json.at("sha256").get<std::string>(),
                       {}};
  for (const Json& part : json.at("source").at("parts")) model.parts.push_back(read_part(part));
  return model;
}

}  // namespace

const CatalogueModel* Catalogue::find(std::string_view name) const {
  for (const CatalogueModel& model : models) {
    if (model.name == name) return &model;
  }
  return nullptr;
}

std::string Catalogue::names() const {
  std::string all;
  for (const CatalogueModel& model : models) all += (all.empty() ? "" : ", ") + model.name;
  return all;
}

Result<Catalogue> parse_catalogue(std::string_view json) {
  try {
    const Json root = Json::parse(json);
    Catalogue catalogue{root.at("default").get<std::string>(), {}};
    for (const Json& model : root.at("models")) {
      if (const auto kind = model.at("source").at("kind").get<std::string>(); kind != "pypi") {
        return fail(ErrorCode::invalid_argument, "catalogue: unknown kind of source: " + kind);
      }
      catalogue.models.push_back(read_model(model));
    }
    if (catalogue.find(catalogue.default_name) == nullptr) {
      return fail(ErrorCode::invalid_argument,
                  "catalogue: the default model is not listed: " + catalogue.default_name);
    }
    return catalogue;
  } catch (const Json::exception& error) {
    return fail(ErrorCode::invalid_argument, std::string("catalogue: ") + error.what());
  }
}

const Catalogue& built_in_catalogue() {
  static const Catalogue catalogue = [] {
    Result<Catalogue> parsed = parse_catalogue(catalogue_json);
    // The embedded text is checked by a test, so this cannot happen in a program that was built.
    if (!parsed.ok()) std::abort();
    return std::move(parsed).value();
  }();
  return catalogue;
}

}  // namespace tenfold
