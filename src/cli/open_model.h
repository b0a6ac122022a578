// Opening a model for a command, in a worker.
#pragma once

#include <chrono>
#include <functional>
#include <utility>

#include "cli/console.h"
#include "cli/interrupts.h"
#include "cli/settings.h"
#include "engine/opened_model.h"
#include "service/service.h"

namespace tenfold {

/// Whether a load stands still for long enough to say so, once.
class SlowLoad {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds patience{5};

  explicit SlowLoad(Clock::time_point began) : began_(began) {}

  /// `done` is the share that is loaded.
  bool is_news(double done, Clock::time_point now) {
    const bool is_late = done == 0 && now - began_ >= patience;
    return is_late && !std::exchange(is_told_, true);
  }

 private:
  const Clock::time_point began_;
  bool is_told_ = false;
};

/// Opens the model with the load options of the settings, showing progress; ends with `cancelled`
/// when `go_on` says false.
Result<OpenedModel> open_model(const ResolvedModel& model, const EngineEntry& engine,
                               const Settings& settings, Console& console,
                               const std::function<bool()>& go_on);

/// The same for the model that the settings name; Ctrl-C cancels.
Result<OpenedModel> open_model(ModelStore& store, const Settings& settings, Console& console,
                               Interrupts& interrupts);

/// Has the engine save what it is to keep, and ends it; a note says what failed. Ctrl-C goes on
/// without. Does nothing if no model is open.
void close_model(OpenedModel& opened, Console& console, Interrupts& interrupts);

/// "12 tokens at 34.5 tok/s · first after 0.21 s · prompt 20 tokens (5 cached) at 210.0 tok/s ·
/// peak memory 180 MiB"
std::string usage_line(const Usage& usage);

}  // namespace tenfold
