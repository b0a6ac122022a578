// A model opened for a command: its engine, running in a worker, and what is known of it.
#pragma once

#include <memory>

#include "cli/console.h"
#include "cli/interrupts.h"
#include "cli/settings.h"
#include "service/service.h"
#include "tenfold/engine.h"

namespace tenfold {

struct OpenedModel {
  std::unique_ptr<Engine> engine;
  ModelInfo info;
};

/// Opens the model with the load options of the settings, showing progress; Ctrl-C cancels.
Result<OpenedModel> open_model(const ModelChoice& choice, const Settings& settings,
                               Console& console, Interrupts& interrupts);

/// The same for the model that the settings name.
Result<OpenedModel> open_model(const Settings& settings, Console& console, Interrupts& interrupts);

/// "12 tokens at 34.5 tok/s · first after 0.21 s · prompt 20 tokens (5 cached) at 210.0 tok/s ·
/// peak memory 180 MiB"
std::string usage_line(const Usage& usage);

}  // namespace tenfold
