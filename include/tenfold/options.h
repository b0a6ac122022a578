// Load options: what can be chosen when a model is opened.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tenfold {

/// The value of an engine option.
using OptionValue = std::variant<bool, std::int64_t, double, std::string>;

/// What the value of an option is to the system: what the engine's process may touch because of it,
/// and who may see it.
enum class OptionKind {
  value,   ///< a setting of the engine's own
  path,    ///< text: files to read, "PATH" or "PATH;…", separated by commas; see option_paths()
  folder,  ///< text: a folder of files to read and write, empty for none
  secret,  ///< text that is never shown: in no settings reply, output, log or error
  hosts,   ///< text: machines to talk to that hold a part of the model, "HOST:PORT,…"
  layers_on_hosts,  ///< integer: how many layers those machines hold, from the last; -1: all
};

/// The name used in JSON, e.g. "folder".
std::string_view to_string(OptionKind kind);

/// One option an engine lists: its name, type (that of `default_value`) and allowed values.
struct OptionSpec {
  std::string name;                  ///< snake_case, unique within the engine
  OptionValue default_value;         ///< also fixes the type
  std::string help;                  ///< one sentence with the unit
  std::vector<std::string> choices;  ///< allowed strings; empty: any
  double minimum = 0;                ///< for numbers, inclusive; ignored when minimum == maximum
  double maximum = 0;
  OptionKind kind = OptionKind::value;
};

struct LoadOptions {
  /// The most tokens that a load takes for its context unasked.
  static constexpr int default_context = 8192;

  /// tokens; 0: the model's own, but at most default_context (said in ModelInfo)
  int context_size = 0;
  int threads = 0;                 ///< 0: one per physical core this process may use
  std::uint64_t memory_limit = 0;  ///< bytes for weights, KV cache and buffers; 0: no limit
  int sequences = 1;               ///< answers at once, each with the whole context_size
  std::map<std::string, OptionValue> engine_options;  ///< by OptionSpec::name
};

/// What of a load can be changed while its model is loaded; what is not set stays as it is.
struct Adjustment {
  std::optional<int> threads;  ///< as LoadOptions::threads
};

}  // namespace tenfold
