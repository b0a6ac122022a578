#include "formats/rotary_spec.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

namespace tenfold {
namespace {

constexpr double largest_factor = 1e6;
constexpr int longest_original = 1 << 30;

std::vector<double> plain_periods(int size, double base) {
  std::vector<double> periods;
  for (int i = 0; i < size; i += 2)
    periods.push_back(std::pow(base, static_cast<double>(i) / size));
  return periods;
}

RotaryTable table_of(const std::vector<double>& periods, double magnitude = 1) {
  return {{periods.begin(), periods.end()}, static_cast<float>(magnitude)};
}

Result<void> scale_as_llama3(const ConfigFields& scaling, std::vector<double>& periods) {
  const double factor = TRY(scaling.real("factor", 1, largest_factor));
  const double low = TRY(scaling.real("low_freq_factor", 1e-3, 1e3));
  const double high = TRY(scaling.real("high_freq_factor", 1e-3, 1e3));
  const double original =
      TRY(scaling.whole("original_max_position_embeddings", 1, longest_original));
  if (high <= low) return scaling.wrong("high_freq_factor", "greater than low_freq_factor");
  for (double& period : periods) {
    const double length = 2 * std::numbers::pi * period;
    if (length < original / high) continue;
    if (length > original / low) {
      period *= factor;
      continue;
    }
    const double smooth = (original / length - low) / (high - low);
    period /= (1 - smooth) / factor + smooth;
  }
  return {};
}

/// rope_type, which older configurations call "type"; empty where nothing is scaled.
Result<std::string> read_type(const ConfigFields& scaling) {
  std::string type = TRY(scaling.text("rope_type"));
  std::string older = TRY(scaling.text("type"));
  for (std::string* name : {&type, &older}) {
    if (*name == "su") *name = "longrope";
  }
  if (type.empty()) type = older;
  if (!older.empty() && older != type) return scaling.wrong("type", "what rope_type says");
  for (const char* key : {"factor", "short_factor", "long_factor"}) {
    if (type.empty() && scaling.has(key)) {
      return scaling.wrong("rope_type", "the name of the scaling");
    }
  }
  return type;
}

Result<RotarySpec> read_longrope(const ConfigFields& scaling, const ConfigFields& model, int size,
                                 const std::vector<double>& plain) {
  const auto& of_original = scaling.has("original_max_position_embeddings") ? scaling : model;
  const int border =
      TRY(of_original.whole("original_max_position_embeddings", 2, longest_original));
  const int context = TRY(model.whole("max_position_embeddings", 1, longest_original));
  // The publisher's own ratio; transformers takes it from the lengths where it is not written.
  const double stated = static_cast<double>(context) / border;
  const double factor = TRY(scaling.real("factor", 1e-3, largest_factor, stated));
  const double usual = factor <= 1 ? 1 : std::sqrt(1 + std::log(factor) / std::log(border));
  const double magnitude = TRY(scaling.real("attention_factor", 1e-3, 1e3, usual));
  const auto scaled = [&](const char* key) -> Result<RotaryTable> {
    std::vector<double> periods = TRY(scaling.reals(key, plain.size(), 1e-3, largest_factor));
    for (std::size_t i = 0; i < plain.size(); ++i) periods[i] *= plain[i];
    return table_of(periods, magnitude);
  };
  RotarySpec spec;
  spec.size = size;
  spec.border = border;
  spec.table = TRY(scaled("short_factor"));
  spec.beyond = TRY(scaled("long_factor"));
  return spec;
}

}  // namespace

Result<RotarySpec> read_rotary(const ConfigFields& scaling, const ConfigFields& model, int size,
                               double base) {
  const std::string type = TRY(read_type(scaling));
  std::vector<double> periods = plain_periods(size, base);
  if (type == "longrope") return read_longrope(scaling, model, size, periods);
  if (type == "linear") {
    const double factor = TRY(scaling.real("factor", 1e-3, largest_factor));
    for (double& period : periods) period *= factor;
  } else if (type == "llama3") {
    TRY(scale_as_llama3(scaling, periods));
  } else if (!type.empty() && type != "default") {
    return scaling.not_computed("the scaling of rotary positions " + quoted_value(type));
  }
  RotarySpec spec;
  spec.size = size;
  spec.table = table_of(periods);
  return spec;
}

}  // namespace tenfold
