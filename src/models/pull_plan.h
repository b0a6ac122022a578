// What a pull will fetch: a model of a catalogue, or what the user named, as a list of files.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/catalogue.h"
#include "tenfold/result.h"

namespace tenfold {

/// The model for "hf:owner/name[:select][@revision]", "https://…" or a name of the catalogues.
/// Names and formats of the first two are found out by plan_pull() and by the content. not_found
/// for an unknown name, with the names that are alike.
Result<CatalogueModel> pull_target(std::string_view text);

/// The files of a model. Those of wheels and of this machine have no http URL.
struct PullPlan {
  std::string name;               ///< of the model in the store
  std::string source;             ///< for people: "hf:owner/name@commit" or a URL
  std::string licence;            ///< what the catalogue or the hub says
  std::string token;              ///< for the files' host only; may be empty
  std::vector<SourceFile> files;  ///< paths are safe and differ; at least one

  /// nullopt when the size of one is not known.
  [[nodiscard]] std::optional<std::uint64_t> bytes() const;
};

/// Gives the text at a URL, with a bearer token that may be empty.
using FetchText = std::function<Result<std::string>(const std::string& url, const std::string&)>;

/// Asks the hub, through `fetch`, where the model is of a repository. Errors: those of `fetch` and
/// choose_from_hub(); bad_model when the hub's digest or size is not the catalogue's; unsupported,
/// with what to do instead, for sources that are no downloads.
Result<PullPlan> plan_pull(const CatalogueModel& model, const FetchText& fetch);

}  // namespace tenfold
