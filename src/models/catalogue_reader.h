// A model of a catalogue, field by field.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "engine/field_reader.h"
#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold {

/// Takes the fields of one object with a FieldReader. The getters return empty values after the
/// first thing that is wrong.
class CatalogueFields {
 public:
  /// `where` begins every message, e.g. "catalogue.json: model a". `json` must outlive the reader.
  CatalogueFields(const nlohmann::json& json, std::string where)
      : fields_(json, std::move(where), {.separator = ": "}) {}

  std::string text(const std::string& field);           ///< required, not empty
  std::string optional_text(const std::string& field);  ///< empty when absent
  std::string digest(const std::string& field);         ///< 64 lower-case hex digits, or absent
  std::string https_url(const std::string& field);      ///< required
  std::optional<std::uint64_t> size(const std::string& field);  ///< above 0, or absent
  bool flag(const std::string& field);                          ///< false when absent
  Sampling sampling(const std::string& field);                  ///< nothing when absent
  const nlohmann::json& object(const std::string& field);
  const nlohmann::json& list(const std::string& field);  ///< not empty

  void refuse(const std::string& field, const std::string& why);
  [[nodiscard]] std::string name(const std::string& field) const { return fields_.name(field); }
  Result<void> finish();

 private:
  FieldReader fields_;
};

}  // namespace tenfold
