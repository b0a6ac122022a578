// Which value of the sampling holds where several have a say:
//
//   1. the request;
//   2. the user's settings (options, environment, config.json);
//   3. the user's preset of the model ("presets" in config.json);
//   4. the model's own recommendation (its files, or its entry in the catalogue);
//   5. Tenfold's defaults.
//
// Each value by itself: who gives a top_p leaves the model's repeat_penalty in force. Only, a
// model's penalties are meant for its own temperature: who asks for 0, the most likely tokens, gets
// none.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>

#include "engine/json.h"
#include "tenfold/request.h"

namespace tenfold {

/// Sampling with every value decided; the initial ones are Tenfold's defaults.
struct ResolvedSampling {
  double temperature = 0.7;
  int top_k = 40;
  double top_p = 0.95;
  double min_p = 0.05;
  double repeat_penalty = 1.0;
  double presence_penalty = 0.0;
  double frequency_penalty = 0.0;
  int penalty_window = 64;
  std::map<TokenId, double> logit_bias;
  bool temperature_first = false;  ///< before top_k, top_p and min_p: the engine's order
};

/// Whose word a value is, the strongest first.
enum class SamplingSource { request, settings, preset, model, tenfold };
/// "request", "settings", "preset", "model" or "default".
std::string_view to_string(SamplingSource source);

/// What one of them says.
struct SamplingLayer {
  SamplingSource source;
  Sampling values;
};

/// The values for the sampler: what was asked, else what the model recommends, else the defaults.
ResolvedSampling resolve_sampling(const Sampling& asked, const Sampling& model);

/// Puts values of `weaker` where `values` has none.
void fill_sampling(Sampling& values, const Sampling& weaker);

/// {"temperature": {"value": 0.2, "from": "model"}, …} of the numbers that have a default and that
/// an engine with these request options honours. `layers`: the strongest first, without Tenfold's.
Json explain_sampling(std::span<const SamplingLayer> layers,
                      std::span<const std::string> request_options);

/// Greedy and without penalties, whatever the model recommends: the most likely token of every
/// step. Leaves out what an engine with these request options does not have, nor does.
Sampling greedy_sampling(std::span<const std::string> request_options);

}  // namespace tenfold
