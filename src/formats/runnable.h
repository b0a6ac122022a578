// Whether an engine could run a model, as far as its files tell: the one check that import, adopt,
// pull and every load make, so that what one takes none of the others refuses.
#pragma once

#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

/// unsupported if no engine opens the format, or the one that does has not what the model needs;
/// not_found if there is no tokenizer. The error names the file or folder.
Result<void> check_runnable(const ModelDescription& model);

/// Makes the paths of the model absolute.
void make_absolute(ResolvedModel& model);

/// describe_model() of a file that is trusted, checked and with absolute paths: what
/// Engine::initialize() takes, where the engine runs in this process.
Result<ModelDescription> resolve_file(const std::filesystem::path& path);

}  // namespace tenfold
