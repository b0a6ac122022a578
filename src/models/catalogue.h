// The models that `tenfold pull` knows by name: catalogue.json, embedded when Tenfold is built.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/result.h"

namespace tenfold {

/// A file inside a Python wheel that holds the model or, in order, a part of it.
struct WheelPart {
  std::string package;
  std::string version;
  std::uint64_t wheel_bytes = 0;
  std::string wheel_sha256;  ///< lower-case hex
  std::string member;        ///< path inside the wheel
};

struct CatalogueModel {
  std::string name;  ///< what the user types; also the stem of the stored file
  std::string title;
  std::string about;
  std::string licence;
  std::string
      system;  ///< system message it answers best with, unless the user gives one; may be empty
  std::string format;  ///< also the stored file's extension
  std::uint64_t bytes = 0;
  std::string sha256;  ///< lower-case hex
  std::vector<WheelPart> parts;
};

struct Catalogue {
  std::string default_name;
  std::vector<CatalogueModel> models;

  /// nullptr for an unknown name.
  [[nodiscard]] const CatalogueModel* find(std::string_view name) const;
  /// All names, comma-separated.
  [[nodiscard]] std::string names() const;
};

/// Reads a catalogue; invalid_argument naming the field that is missing or wrong.
Result<Catalogue> parse_catalogue(std::string_view json);

/// The embedded one. Thread-safe.
const Catalogue& built_in_catalogue();

}  // namespace tenfold
