// What the scheduler needs of its surroundings: models by name, engines, and the time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/store.h"
#include "tenfold/engine.h"
#include "worker/remote_engine.h"

namespace tenfold {

/// The model a request wants.
struct ModelUse {
  std::string model;                ///< name or path
  std::string engine = {};          ///< id; empty: the first installed one that opens the file
  std::optional<int> context_size;  ///< tokens; absent: the default
  /// How long the model stays after this use. Absent: the scheduler's; 0: leaves at once; negative:
  /// stays.
  std::optional<std::chrono::milliseconds> keep_alive;
};

/// How a model is to be loaded.
struct ModelPlan {
  ResolvedModel model;
  std::string engine;                      ///< id
  std::vector<std::string> other_engines;  ///< installed, and open the same file
  LoadOptions load;
};

/// A started engine without a model.
struct StartedEngine {
  std::unique_ptr<Engine> engine;
  /// Bytes of memory its worker has now; 0: cannot be told. May be empty. Lives shorter than
  /// `engine`; thread-safe.
  std::function<std::uint64_t()> memory;
};

/// Thread-safe. Tests bring their own.
class ModelHost {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  virtual ~ModelHost() = default;

  /// Finds the model and the engine and estimates the memory for `sequences` answers at once, fewer
  /// if the engine cannot. May take as long as reading a file's header.
  virtual Result<ModelPlan> plan(const ModelUse& use, int sequences) = 0;

  /// Starts the engine's worker.
  virtual Result<StartedEngine> start(const std::string& engine) = 0;

  [[nodiscard]] virtual TimePoint now() const = 0;
};

struct HostOptions {
  ModelStore store;      ///< where names are looked up
  int context_size = 0;  ///< for uses that name none; 0: see LoadOptions::context_size
  int threads = 0;       ///< 0: one per physical core
  /// By engine id.
  std::map<std::string, std::map<std::string, OptionValue>> engine_options;
  RemoteOptions worker;  ///< its limits; the executable is the engine's
};

/// The models of this machine, with workers as processes.
std::shared_ptr<ModelHost> make_model_host(HostOptions options);

}  // namespace tenfold
