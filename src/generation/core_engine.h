// The generation core: turns any TokenModel into an Engine.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tenfold/engine.h"
#include "tenfold/token_model.h"

namespace tenfold {

/// What a token-level framework provides: a description and a way to open a model.
struct TokenBackend {
  Capabilities capabilities;
  /// Opens the model; options were checked against capabilities.options before.
  std::function<Result<std::unique_ptr<TokenModel>>(
      const ResolvedModel& model, const LoadOptions& options, const OnProgress& on_progress)>
      open;
  /// Whether the engine's order of sampling has the temperature before top_k, top_p and min_p.
  bool temperature_first = false;
};

/// An Engine over the backend: chat template, tokenization, prefill with prefix reuse, sampling,
/// constraints, stop strings, UTF-8-safe deltas, usage.
std::unique_ptr<Engine> make_core_engine(TokenBackend backend);

}  // namespace tenfold
