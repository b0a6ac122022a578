// Load options: what can be chosen when a model is opened.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "tenfold/request.h"

namespace tenfold {

/// The value of an engine option.
using OptionValue = std::variant<bool, std::int64_t, double, std::string>;

/// One option an engine lists: its name, type (that of `default_value`) and allowed values.
struct OptionSpec {
  std::string name;                  ///< snake_case, unique within the engine
  OptionValue default_value;         ///< also fixes the type
  std::string help;                  ///< one sentence with the unit
  std::vector<std::string> choices;  ///< allowed strings; empty: any
  double minimum = 0;                ///< for numbers, inclusive; ignored when minimum == maximum
  double maximum = 0;
};

struct LoadOptions {
  int context_size = 0;  ///< tokens; 0: the model's own, but at most 8192 (said in ModelInfo)
  int threads = 0;       ///< 0: one per physical core this process may use
  std::uint64_t memory_limit = 0;  ///< bytes for weights, KV cache and buffers; 0: no limit
  int sequences = 1;               ///< answers at once, each with the whole context_size
  std::map<std::string, OptionValue> engine_options;  ///< by OptionSpec::name
  Sampling sampling = {};  ///< what the model's publisher recommends; comes back in ModelInfo
};

}  // namespace tenfold
