// The program's settings, as far as the server shows and changes them. Whoever starts the server
// has them.
#pragma once

#include <functional>

#include "engine/json.h"

namespace tenfold::server {

/// Thread-safe functions; they may block.
struct ServedSettings {
  /// Rows of the form Setting in openapi.json.
  std::function<Result<Json>()> list = [] { return Json::array(); };
  /// Writes values by key into config.json, all or none; null takes one out. invalid_argument
  /// naming the key.
  std::function<Result<void>(const Json& values)> change = [](const Json&) -> Result<void> {
    return fail(ErrorCode::unavailable, "this server was started without settings");
  };
  /// How answers are made unless a conversation says otherwise; see read_generation().
  std::function<Json()> generation = [] { return Json::object(); };
  std::string config_file;

  /// How to sample, of generation(); nothing if that was broken by hand since the start.
  [[nodiscard]] Sampling sampling() const;
};

}  // namespace tenfold::server
