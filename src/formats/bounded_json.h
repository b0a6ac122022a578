// JSON of untrusted files: bounded in bytes, depth and number of values before anything is built.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "tenfold/result.h"

namespace tenfold {

/// Events of a JSON text, of which a reader overrides those it needs. A text nested deeper than 64
/// ends with an error, as any handler that returns false does.
class JsonEvents : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(std::int64_t /*value*/) override { return true; }
  bool number_unsigned(std::uint64_t /*value*/) override { return true; }
  bool number_float(double /*value*/, const std::string& /*text*/) override { return true; }
  bool string(std::string& /*value*/) override { return true; }
  bool binary(nlohmann::json::binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*elements*/) override { return ++depth_ <= most_depth; }
  bool start_array(std::size_t /*elements*/) override { return ++depth_ <= most_depth; }
  bool end_object() override { return --depth_ >= 0; }
  bool end_array() override { return --depth_ >= 0; }
  bool key(std::string& /*value*/) override { return true; }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::json::exception& /*error*/) override {
    return false;
  }

 protected:
  static constexpr int most_depth = 64;
  int depth_ = 0;  ///< objects and arrays that are open
};

/// An object or array. bad_model, naming `name`, if the text is something else, is nested deeper
/// than 64 or holds more than 200,000 values.
Result<nlohmann::json> parse_bounded_json(std::string_view text, const std::string& name);

/// The same of a file of at most 16 MiB; not_found and other errors of read_file().
Result<nlohmann::json> read_bounded_json(const std::filesystem::path& path);

/// The same, bad_model if it is no object.
Result<nlohmann::json> read_json_object(const std::filesystem::path& path);

/// A positive whole number of an object, below 2^31; 0 where there is none.
std::int64_t positive(const nlohmann::json& object, const char* key);
/// A text of an object; empty where there is none.
std::string text(const nlohmann::json& object, const char* key);
/// An object of an object; empty where there is none.
nlohmann::json part(const nlohmann::json& object, const char* key);

}  // namespace tenfold
