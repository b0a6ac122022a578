// The one table of options. The command-line parser, the help texts, the environment variables
// (TENFOLD_MAX_TOKENS for --max-tokens) and the keys of config.json (max_tokens) all come from it.
// Most options of an answer are rows of the table of request fields (engine/fields.h) and none of
// this one.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/fields.h"

namespace tenfold {

enum class OptionType {
  flag,      ///< given or not
  integer,   ///< within minimum … maximum
  seed,      ///< an integer of 64 bits without sign
  number,    ///< within minimum … maximum
  text,      ///< UTF-8
  secret,    ///< text that is never shown
  bytes,     ///< a number with an optional K, M, G or T (powers of 1024)
  integers,  ///< several, comma-separated, each within minimum … maximum
};

/// Bits of Option::commands.
enum CommandBit : unsigned {
  in_run = 1U << 0,
  in_chat = 1U << 1,
  in_engines = 1U << 2,
  in_pull = 1U << 3,
  in_list = 1U << 4,
  in_inspect = 1U << 5,
  in_bench = 1U << 6,
  in_score = 1U << 7,
  in_verify = 1U << 8,
  in_import = 1U << 9,
  in_adopt = 1U << 10,
  in_rm = 1U << 11,
  in_gc = 1U << 12,
  in_du = 1U << 13,
  in_search = 1U << 14,
  in_serve = 1U << 15,
  in_app = 1U << 16,
  in_rpc_worker = 1U << 17,
  in_completion = 1U << 18,
  in_compile = 1U << 19,
};

/// Where an option may be set.
enum class OptionScope {
  everywhere,    ///< command line, environment, config.json
  command_line,  ///< only there, as it concerns one call
};

struct Option {
  std::string_view name;  ///< without the dashes
  char letter;            ///< of the short form; '\0': none
  OptionType type;
  std::string_view value_name;    ///< in help texts; empty for flags
  std::string_view default_text;  ///< empty: not set
  std::string_view help;
  unsigned commands;   ///< CommandBit
  double minimum = 0;  ///< for numbers, inclusive; -infinity and infinity: no bound
  double maximum = 0;
  bool repeatable = false;  ///< text only
  OptionScope scope = OptionScope::everywhere;
  std::string_view choices = {};  ///< of a text: the words it can be, with spaces; empty: any
  std::string_view unset = {};    ///< what holds where nothing is set and there is no default
};

/// Thread-safe.
std::span<const Option> option_table();

/// nullptr for an unknown name.
const Option* find_option(std::string_view name);

/// Of a field with a help text: "top-k" for top_k.
std::string option_name(const RequestField& field);

/// "TENFOLD_MAX_TOKENS"
std::string environment_name(const Option& option);
/// "max_tokens"
std::string config_key(const Option& option);

}  // namespace tenfold
