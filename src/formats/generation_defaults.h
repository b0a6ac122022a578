// How a model's publisher recommends to sample, from what its files say: pure functions of what was
// parsed within bounds. What is missing, of another type or out of range is not recommended; what
// we have no field for is left out.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "formats/gguf.h"
#include "tenfold/request.h"

namespace tenfold {

/// An object with the keys of Transformers: a generation_config.json, an mlc-chat-config.json, or
/// `search` of a genai_config.json. do_sample: false is greedy.
Sampling sampling_of_config(const nlohmann::json& config);

/// The keys general.sampling.* (llama.cpp, gguf-py/gguf/constants.py).
Sampling sampling_of_gguf(const GgufFile& header);

/// Sets the number that requests have under this name.
void recommend(Sampling& sampling, std::string_view field, double value);

/// The same of a value that was stored with 32 bits: 0.95 and not 0.949999988079071.
void recommend(Sampling& sampling, std::string_view field, float value);

}  // namespace tenfold
