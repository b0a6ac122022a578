// The local model store: files under data_folder()/models that pull put there, and how a name or a
// path given by the user becomes a file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "models/catalogue.h"
#include "tenfold/result.h"

namespace tenfold {

/// data_folder()/models. Not created.
std::filesystem::path models_folder();

/// Where the model is, or would be, stored.
std::filesystem::path stored_path(const CatalogueModel& model);

/// Whether the model was pulled: its file has the right size and the record beside it names the
/// right hash. The hash itself was checked when the file was stored.
bool is_stored(const CatalogueModel& model);

/// Writes the record that is_stored() looks for.
Result<void> record_as_stored(const CatalogueModel& model);

/// The file for what the user named: a model of the catalogue, or a path (anything with a slash,
/// or an existing file). not_found with what to do otherwise.
Result<std::filesystem::path> resolve_model(std::string_view name_or_path);

}  // namespace tenfold
