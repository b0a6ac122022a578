// The compiler of models for MLC-LLM: Apache TVM in a folder of its own, and the scripts over it
// that come with the program (tools/export/mlc_compile.py). Both run as child processes.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "models/store.h"
#include "tenfold/result.h"

namespace tenfold {

/// What whoever waits is told and asked; any may be empty.
struct CompilerWatch {
  std::function<void(const std::string&)> on_step = {};
  std::function<bool()> cancelled = {};
  bool show_output =
      false;  ///< the children's standard output goes to this process's standard error
};

/// Where the compiler is, or would be: below the data folder, by a digest of the pinned packages.
/// not_found if this program came without the list of them.
Result<std::filesystem::path> mlc_compiler_folder();

/// Downloads the packages with the user's own pip, held against their digests, about 125 MB; false
/// if they are here already. Nothing is left of a failure. Errors: unavailable (no Python 3.11, no
/// pip), network with pip's last lines, cancelled.
Result<bool> add_mlc_compiler(const CompilerWatch& watch);

struct CompiledLibrary {
  std::filesystem::path path;
  std::string level;  ///< the instructions that it uses, as processor_levels() names them
};

/// Compiles the library of an MLC folder for this processor, in the place where the engine looks
/// for it first; one that is there is made again. `model` is a stored model's name or a folder.
/// Errors: not_found, unavailable (no compiler yet), unsupported with what the scripts do not take,
/// cancelled.
Result<CompiledLibrary> compile_mlc_model(ModelStore& store, const std::string& model,
                                          const CompilerWatch& watch);

}  // namespace tenfold
