#include "formats/pooling.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "formats/bounded_json.h"
#include "formats/config_fields.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Mode {
  std::string_view flag;  ///< without "pooling_mode_"
  std::string_view name;  ///< in newer files
  Pooling pooling;
};
// A mean over the root of the length has the direction of the mean.
constexpr std::array<Mode, 6> modes{
    {{"cls_token", "cls", Pooling::first},
     {"mean_tokens", "mean", Pooling::mean},
     {"max_tokens", "max", Pooling::max},
     {"mean_sqrt_len_tokens", "mean_sqrt_len_tokens", Pooling::mean},
     {"weightedmean_tokens", "weightedmean", Pooling::weighted_mean},
     {"lasttoken", "lasttoken", Pooling::last}}};

Error not_computed(const fs::path& file, const std::string& what) {
  return fail(ErrorCode::unsupported, fmt::format("{}: {} is not computed", file.string(), what),
              "take embeddings from a GGUF file of the model, or from another model");
}

/// What stands between the decoder and the vector besides pooling would be left out.
Result<void> check_modules(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return {};
  for (const json& module : TRY(read_bounded_json(file))) {
    const std::string type = module.is_object() ? text(module, "type") : std::string();
    const auto is = [&](std::string_view name) { return type.ends_with(name); };
    if (is(".Transformer") || is(".Pooling") || is(".Normalize")) continue;
    return not_computed(file, fmt::format("a module of the type {}", quoted_value(type)));
  }
  return {};
}

}  // namespace

Result<Pooling> read_pooling(const fs::path& folder) {
  TRY(check_modules(folder / modules_file));
  const fs::path file = folder / pooling_file;
  std::error_code error;
  if (!fs::exists(file, error)) return Pooling::mean;
  const json config = TRY(read_json_object(file));
  if (const auto named = config.find("pooling_mode"); named != config.end()) {
    const auto* mode = std::ranges::find_if(modes, [&](const Mode& m) { return *named == m.name; });
    if (mode != modes.end()) return mode->pooling;
    return not_computed(file, fmt::format("the pooling_mode {}", quoted_value(*named)));
  }
  std::optional<Pooling> chosen;
  for (const auto& [key, value] : config.items()) {
    if (!key.starts_with("pooling_mode_") || value != true) continue;
    const auto* mode = std::ranges::find(modes, key.substr(13), &Mode::flag);
    if (mode == modes.end()) return not_computed(file, quoted_value(key));
    if (chosen) return not_computed(file, "pooling in several ways at once");
    chosen = mode->pooling;
  }
  return chosen.value_or(Pooling::mean);
}

}  // namespace tenfold
