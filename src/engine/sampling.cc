#include "engine/sampling.h"

#include <algorithm>
#include <vector>

#include "engine/field_reader.h"
#include "engine/fields.h"

namespace tenfold {
namespace {

bool holds(std::span<const std::string> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// Calls `use(field, member)` for each number that has a default.
template <typename Use>
void for_each_number(const Use& use) {
  for (const RequestField& field : request_fields()) {
    if (const auto* real = std::get_if<SamplingMember<double>>(&field.member)) {
      use(field, *real);
    } else if (const auto* whole = std::get_if<SamplingMember<int>>(&field.member)) {
      use(field, *whole);
    }
  }
}

/// What of the model's recommendation goes with what was asked.
Sampling fitting(const Sampling& asked, Sampling model) {
  if (asked.temperature == 0.0) {
    model.repeat_penalty.reset();
    model.presence_penalty.reset();
    model.frequency_penalty.reset();
  }
  return model;
}

}  // namespace

std::string_view to_string(SamplingSource source) {
  switch (source) {
    case SamplingSource::request:
      return "request";
    case SamplingSource::settings:
      return "settings";
    case SamplingSource::preset:
      return "preset";
    case SamplingSource::model:
      return "model";
    case SamplingSource::tenfold:
      break;
  }
  return "default";
}

Json to_json(const Sampling& sampling) {
  Json json = Json::object();
  for_each_number([&](const RequestField& field, const auto& member) {
    if (sampling.*member.asked) json[std::string(field.name)] = *(sampling.*member.asked);
  });
  return json;
}

Result<void> read_value(const Json& json, const std::string& where, Sampling& out) {
  FieldReader reader(json, where);
  Result<void> in_range;
  for_each_number([&](const RequestField& field, const auto& member) {
    reader.optional(field.name, out.*member.asked);
    if (in_range.ok() && out.*member.asked) {
      in_range = field.range.check(where + "." + std::string(field.name), *(out.*member.asked));
    }
  });
  TRY(reader.finish());
  return in_range;
}

ResolvedSampling resolve_sampling(const Sampling& asked, const Sampling& model) {
  Sampling values = asked;
  fill_sampling(values, fitting(asked, model));
  ResolvedSampling resolved;
  for_each_number([&](const RequestField&, const auto& member) {
    if (values.*member.asked) resolved.*member.decided = *(values.*member.asked);
  });
  resolved.logit_bias = asked.logit_bias;
  return resolved;
}

void fill_sampling(Sampling& values, const Sampling& weaker) {
  for_each_number([&](const RequestField&, const auto& member) {
    if (!(values.*member.asked)) values.*member.asked = weaker.*member.asked;
  });
}

Json explain_sampling(std::span<const SamplingLayer> layers,
                      std::span<const std::string> request_options) {
  Json explained = Json::object();
  Sampling asked;
  std::vector<SamplingLayer> fitted;
  for (const SamplingLayer& layer : layers) {
    const bool is_model = layer.source == SamplingSource::model;
    fitted.push_back({layer.source, is_model ? fitting(asked, layer.values) : layer.values});
    fill_sampling(asked, fitted.back().values);
  }
  for_each_number([&](const RequestField& field, const auto& member) {
    if (!holds(request_options, field.name)) return;
    Json& row = explained[std::string(field.name)];
    row = {{"value", ResolvedSampling().*member.decided},
           {"from", to_string(SamplingSource::tenfold)}};
    for (const SamplingLayer& layer : fitted) {
      if (!(layer.values.*member.asked)) continue;
      row = {{"value", *(layer.values.*member.asked)}, {"from", to_string(layer.source)}};
      return;
    }
  });
  return explained;
}

Sampling greedy_sampling(std::span<const std::string> request_options) {
  Sampling greedy;
  greedy.temperature = 0;
  if (holds(request_options, "repeat_penalty")) greedy.repeat_penalty = 1;
  if (holds(request_options, "presence_penalty")) greedy.presence_penalty = 0;
  if (holds(request_options, "frequency_penalty")) greedy.frequency_penalty = 0;
  return greedy;
}

}  // namespace tenfold
