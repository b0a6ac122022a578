// The bodies of Tenfold's own API.
#pragma once

#include <map>
#include <string>

#include "engine/json.h"
#include "models/import.h"
#include "server/http/options.h"
#include "service/scheduler.h"
#include "service/search.h"

namespace tenfold::server::admin {

// Readers refuse what they do not know with invalid_argument, naming the field.

/// POST /api/v1/load
Result<ModelUse> read_load(const Json& json);

/// POST /api/v1/unload, POST /api/v1/downloads: {"model": …}
Result<std::string> read_model(const Json& json);

/// What a model is to look at without an answer.
struct PromptFields {
  ModelUse use;
  Request request;  ///< its prompt alone
};

/// POST /api/v1/score: a text or token ids.
Result<PromptFields> read_score(const Json& json);

/// POST /api/v1/tokenize: a text, or messages and tools as in OpenAI's chat API.
Result<PromptFields> read_tokenize(const Json& json, const std::string& body, const Limits& limits);

struct ImportRequest {
  std::string path;
  ImportOptions options;
};

/// POST /api/v1/models: the path is absolute, and the files stay where they are.
Result<ImportRequest> read_import(const Json& json);

/// POST /api/v1/adopt: paths, or none for all.
Result<std::optional<std::vector<std::string>>> read_adopt(const Json& json);

/// GET /api/v1/models/{model}?context_size=N; 0: absent
Result<std::int64_t> read_context(const std::map<std::string, std::string>& query);

struct CatalogueSearch {
  CatalogueQuery query;
  bool fits = false;  ///< only what is known to fit
};

/// GET /api/v1/catalogue?q=WORDS&engine=ID&format=NAME&fits=true
Result<CatalogueSearch> read_search(const std::map<std::string, std::string>& query);

}  // namespace tenfold::server::admin
