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
  /// How the user wants single models sampled: {"MODEL": {"temperature": 0.5}}. change() takes the
  /// same under "presets", with null for one that is to go.
  std::function<Result<Json>()> presets = [] { return Json::object(); };
  /// That of a model named as in the store, or by its path; nothing where there is none.
  std::function<Sampling(const std::string& model)> preset = [](const auto&) { return Sampling(); };
  std::string config_file;

  /// How to sample, of generation(); nothing if that was broken by hand since the start.
  [[nodiscard]] Sampling sampling() const;
  /// The same, and for what it leaves open the model's preset.
  [[nodiscard]] Sampling sampling_of(const std::string& model) const;
};

}  // namespace tenfold::server
