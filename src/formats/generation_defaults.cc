#include "formats/generation_defaults.h"

#include <charconv>
#include <limits>

#include "engine/fields.h"

namespace tenfold {
namespace {

/// What they call it, and what we do.
struct ForeignName {
  const char* theirs;
  std::string_view ours;
};

constexpr ForeignName config_names[] = {
    {"temperature", "temperature"},
    {"top_k", "top_k"},
    {"top_p", "top_p"},
    {"min_p", "min_p"},
    {"repetition_penalty", "repeat_penalty"},
    {"presence_penalty", "presence_penalty"},
    {"frequency_penalty", "frequency_penalty"},
};
constexpr ForeignName gguf_names[] = {
    {"general.sampling.temp", "temperature"},
    {"general.sampling.top_k", "top_k"},
    {"general.sampling.top_p", "top_p"},
    {"general.sampling.min_p", "min_p"},
    {"general.sampling.penalty_repeat", "repeat_penalty"},
    {"general.sampling.penalty_last_n", "penalty_window"},
};

}  // namespace

void recommend(Sampling& sampling, std::string_view field, double value) {
  const RequestField* known = find_request_field(field);
  // Some write a negative top_k for "all tokens".
  if (field == "top_k" && value < 0) value = 0;
  if (!known->range.holds(value)) return;
  if (const auto* real = std::get_if<SamplingMember<double>>(&known->member)) {
    sampling.*real->asked = value;
  } else if (const auto* whole = std::get_if<SamplingMember<int>>(&known->member)) {
    if (value > std::numeric_limits<int>::max() || value != std::floor(value)) return;
    sampling.*whole->asked = static_cast<int>(value);
  }
}

void recommend(Sampling& sampling, std::string_view field, float value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  double shortest = 0;
  if (error != std::errc() || std::from_chars(text, end, shortest).ec != std::errc()) return;
  recommend(sampling, field, shortest);
}

Sampling sampling_of_config(const nlohmann::json& config) {
  Sampling sampling;
  for (const ForeignName& name : config_names) {
    const auto value = config.find(name.theirs);
    if (value != config.end() && value->is_number()) {
      recommend(sampling, name.ours, value->get<double>());
    }
  }
  const auto samples = config.find("do_sample");
  if (samples != config.end() && *samples == false) sampling.temperature = 0;
  return sampling;
}

Sampling sampling_of_gguf(const GgufFile& header) {
  Sampling sampling;
  for (const ForeignName& name : gguf_names) {
    if (const auto value = header.number(name.theirs)) {
      recommend(sampling, name.ours, static_cast<float>(*value));
    }
  }
  return sampling;
}

}  // namespace tenfold
