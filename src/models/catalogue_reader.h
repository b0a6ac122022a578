// A model of a catalogue, field by field.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold {

/// Takes the fields of one JSON object. The first thing that is wrong is kept and the getters after
/// it return empty values; finish() also refuses fields that nobody asked for.
class CatalogueFields {
 public:
  /// `where` begins every message, e.g. "catalogue.json: model 3". `json` must outlive the reader.
  CatalogueFields(const nlohmann::json& json, std::string where);

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
  [[nodiscard]] const std::string& where() const { return where_; }
  Result<void> finish();

 private:
  const nlohmann::json* find(const std::string& field);

  const nlohmann::json& json_;
  std::string where_;
  std::set<std::string> known_;
  std::string problem_;
};

}  // namespace tenfold
