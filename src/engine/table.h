// The ten engines: an explicit table, always ten rows, whether or not they can run here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/capabilities.h"
#include "tenfold/result.h"

namespace tenfold {

/// The request fields a token-level engine honours (everything the generation core does).
std::span<const std::string_view> core_request_options();

/// What an option of an engine is, known before its worker says so.
struct OptionUse {
  std::string_view name;
  OptionKind kind;
  bool is_own_folder = false;  ///< a folder that is default_option_folder() if none is given
};

/// A row: all that is known of an engine whether or not it is installed.
struct EngineEntry {
  std::string_view id;          ///< "llama_cpp"
  std::string_view title;       ///< "llama.cpp"
  std::string_view formats;     ///< comma-separated, e.g. "gguf"
  std::string_view how_to_get;  ///< what the user does to have it
  std::string_view why_absent;  ///< why it does not run here when no worker is installed
  bool exists_here;             ///< false: cannot exist on this operating system
  EngineTraits traits;
  std::span<const std::string_view> request_options;
  std::span<const std::string_view> adjustable;  ///< see Capabilities
  /// Its options that mean something to the system: all but those of the kind `value`.
  std::span<const OptionUse> option_uses;
  std::string_view built_in_model = {};  ///< its only one, which is part of the system
  std::string_view notice = {};          ///< said once before it loads a model: whom it talks to
  std::string_view waits_for = {};       ///< why a load may stand still, said once where one does
};

/// In the fixed order of the documentation.
std::span<const EngineEntry> engine_table();

/// nullptr for an unknown id.
const EngineEntry* find_engine(std::string_view id);

/// What the engine's option of this name is; `value` for one that the row does not name.
OptionKind option_kind(const EngineEntry& engine, std::string_view name);

/// What the worker of the engine `id`, one of the table, says of itself, but for what only the
/// framework knows: its version and the engine's options.
Capabilities static_capabilities(std::string_view id);

/// The engine whose built-in model is called `name`; nullptr if there is none.
const EngineEntry* find_built_in_model(std::string_view name);

/// The engines that open a format, whether or not they are installed; none for an unknown one.
std::vector<const EngineEntry*> engines_for_format(std::string_view format);

/// unsupported, with why no engine opens this format and what to use instead.
Error no_engine_opens(std::string_view format);

/// Titles of the engines whose request_options contain `option`, comma-separated.
std::string engines_with_option(std::string_view option);

}  // namespace tenfold
