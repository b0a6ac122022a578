// The service: which engines there are, which one opens a model, and a loaded model to ask.
// Everything the user reaches (command line, later the server) goes through it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/opened_model.h"
#include "engine/table.h"
#include "formats/description.h"
#include "models/store.h"
#include "tenfold/engine.h"
#include "worker/remote_engine.h"

namespace tenfold {

enum class EngineStatus {
  present,      ///< installed, and its worker answers
  absent,       ///< not installed
  unavailable,  ///< cannot exist on this operating system, or its worker fails to start
};
std::string_view to_string(EngineStatus status);

struct EngineReport {
  const EngineEntry* entry = nullptr;  ///< never null; lives as long as the program
  EngineStatus status = EngineStatus::absent;
  std::string reason;                        ///< why it is not present
  std::optional<Capabilities> capabilities;  ///< when present: what its worker says
};

/// A model and the engine chosen for it.
struct ModelChoice {
  ModelDescription model;
  const EngineEntry* engine = nullptr;
};

/// The row of the table; invalid_argument that lists the ids.
Result<const EngineEntry*> engine_named(std::string_view id);

/// Whether the engine's worker program is there.
bool is_installed(const EngineEntry& entry);

/// Asks the engine's worker, if there is one; takes the time of starting a program.
EngineReport report_engine(const EngineEntry& entry);

/// All ten, in the table's order.
std::vector<EngineReport> report_engines();

/// The one place where a name or a path becomes a model: that of a built-in model is known by the
/// table of engines; of others it finds the files (find_model()), has them
/// described and checked (resolve_path()), and adds its name, digest and
/// what the catalogue recommends.
Result<ModelDescription> resolve_model(ModelStore& store, std::string_view name_or_path);

/// Its digest, and what the catalogue recommends that it was pulled by or has the digest of.
void add_what_the_store_knows(ModelStore& store, ModelDescription& model);

/// Resolves the model and chooses the engine: the one named by `engine_id`, or, when that is empty,
/// the first that is installed among those that open its format. unavailable, with how to get it,
/// if there is none; unsupported if the named one does not open it.
Result<ModelChoice> choose_engine(ModelStore& store, std::string_view name_or_path,
                                  std::string_view engine_id);

/// The same for every installed engine that opens the file; only the named one, if `engine_id` is
/// not empty. Never empty.
Result<std::vector<ModelChoice>> choose_engines(ModelStore& store, std::string_view name_or_path,
                                                std::string_view engine_id);

/// Starts the engine's worker. unavailable, with the reason and how to get it, if it cannot.
/// `limits` are the worker's; its executable is found here.
Result<std::unique_ptr<Engine>> start_engine(const EngineEntry& entry, RemoteOptions limits = {});

/// Starts the chosen engine's worker and loads the model: what a program does that uses Tenfold as
/// a library (examples/).
Result<OpenedModel> open_choice(const ModelChoice& choice, const LoadOptions& options = {},
                                const OnProgress& on_progress = {});

}  // namespace tenfold
