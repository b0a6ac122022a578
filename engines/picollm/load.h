// From a resolved model and load options to a loaded model.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "context_file.h"
#include "model.h"
#include "tenfold/engine.h"
#include "text/chat_template.h"

namespace tenfold::picollm {

/// What the engine lists.
std::vector<OptionSpec> option_specs();

struct LoadedModel {
  std::unique_ptr<Model> model;
  std::optional<ChatTemplate> dialog;  ///< empty: the package has none for this model
  std::optional<ContextFile> context;  ///< where the next load finds it; empty: nowhere
  ModelInfo info;
};

/// `options` have been checked against option_specs(). license without an AccessKey; bad_model for
/// a file that is no .pllm; otherwise as explain() has it.
Result<LoadedModel> load(const ResolvedModel& wanted, const LoadOptions& options,
                         const OnProgress& on_progress);

}  // namespace tenfold::picollm
