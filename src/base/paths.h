// Where Tenfold keeps things: XDG folders, all under TENFOLD_HOME when that is set.
#pragma once

#include <filesystem>

#include "tenfold/result.h"

namespace tenfold {

/// $TENFOLD_HOME/data, or $XDG_DATA_HOME/tenfold, or ~/.local/share/tenfold. Not created.
std::filesystem::path data_folder();
/// $TENFOLD_HOME/config, or $XDG_CONFIG_HOME/tenfold, or ~/.config/tenfold. Not created.
std::filesystem::path config_folder();
/// $TENFOLD_HOME/cache, or $XDG_CACHE_HOME/tenfold, or ~/.cache/tenfold. Not created.
std::filesystem::path cache_folder();

/// The worker program of an engine: $TENFOLD_ENGINE_PATH/tenfold-engine-<id>, else beside this
/// program, else ../libexec/tenfold beside it. Empty when there is none.
std::filesystem::path worker_program(std::string_view engine_id);

/// A program of Tenfold's own: beside this program, else ../libexec/tenfold beside it. Empty when
/// there is none.
std::filesystem::path helper_program(std::string_view name);

/// A file that comes with the program, by its place in share/tenfold: below ../share/tenfold beside
/// this program, or ../../share/tenfold if it lies in libexec/tenfold. Empty when there is none.
std::filesystem::path shared_file(const std::filesystem::path& name);

}  // namespace tenfold
