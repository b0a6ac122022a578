// A model that Core ML's compiler wrote, an .mlmodelc: model.mil is the program in its text form,
// metadata.json describes it; what else is in the folder repeats that in a form that Apple keeps to
// itself.
#pragma once

#include <filesystem>
#include <string_view>

#include "formats/mlmodel.h"

namespace tenfold {

/// Whole and checked as by read_mlmodel(). Types of features are those of the program;
/// metadata.json adds the shapes that are allowed. bad_model naming the file that is damaged;
/// unsupported if there is no model.mil: it is no ML program.
Result<MlModel> read_mlmodelc(const std::filesystem::path& folder);

/// The same of the text of both files; `name` is that of model.mil. `metadata` may be empty.
Result<MlModel> read_mlmodelc(std::string_view program, std::string_view metadata,
                              const std::string& name);

}  // namespace tenfold
