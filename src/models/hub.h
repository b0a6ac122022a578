// The Hugging Face Hub: what a repository holds, and where its files are.
//
// One request to /api/models/OWNER/NAME/revision/REVISION?blobs=true answers everything: the commit
// behind a branch name, so that all files come from one state of the repository, and size and
// SHA-256 of each file. Unlike /tree it is not paged. Source: HfApi.model_info(files_metadata=True)
// of the huggingface_hub package.
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

struct HubFile {
  std::string path;  ///< safe to join to a folder (is_safe_path)
  std::optional<std::uint64_t> bytes;
  std::string sha256;  ///< lower-case hex; empty for small files, which the hub keeps in git
};

struct HubRepository {
  std::string commit;
  std::string licence;  ///< the hub's id, e.g. "apache-2.0"; may be empty
  bool gated = false;
  std::vector<HubFile> files;
};

/// $HF_ENDPOINT without a slash at its end, or https://huggingface.co.
std::string hub_endpoint();

/// $HF_TOKEN, or the token file that `hf auth login` writes ($HF_TOKEN_PATH, $HF_HOME/token or
/// ~/.cache/huggingface/token); empty when there is none.
std::string hub_token();

std::string hub_listing_url(const HubSource& source);
std::string hub_file_url(const std::string& repo, const std::string& commit,
                         const std::string& path);

/// Reads the answer to hub_listing_url(). protocol if it is not such an answer, or names a file
/// that would leave the model's folder.
Result<HubRepository> parse_hub_listing(std::string_view json, const std::string& repo);

/// "owner/name[:select][@revision]", what follows "hf:" on the command line. invalid_argument.
Result<HubSource> parse_hub_name(std::string_view text);

}  // namespace tenfold
