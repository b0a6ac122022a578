// The bodies of Ollama's API in the contract's terms.
#pragma once

#include <string>
#include <vector>

#include "engine/json.h"
#include "server/http/options.h"
#include "service/scheduler.h"

namespace tenfold::server::ollama {

// Readers refuse what cannot be honoured with invalid_argument or unsupported, naming the field.

struct AnswerFields {
  Request request;
  ModelUse use;
  bool stream = true;
  bool show_thinking = true;            ///< false: the model's thoughts are left out of the reply
  bool load_only = false;               ///< no prompt: load the model; with keep_alive 0, unload it
  std::vector<std::string> noted = {};  ///< fields that change nothing (noted.h)
};

/// POST /api/chat
Result<AnswerFields> read_chat(Json json, const std::string& body, const Limits& limits);

/// POST /api/generate
Result<AnswerFields> read_generate(Json json, const std::string& body);

struct EmbedFields {
  ModelUse use;
  std::vector<std::string> texts;
  std::vector<std::string> noted = {};
};

/// POST /api/embed
Result<EmbedFields> read_embed(Json json);

/// POST /api/embeddings, the older form for one text
Result<EmbedFields> read_embeddings(Json json);

/// POST /api/show
Result<std::string> read_show(const Json& json);

struct PullFields {
  std::string model;
  bool stream = true;
};

/// POST /api/pull
Result<PullFields> read_pull(const Json& json);

/// DELETE /api/delete
Result<std::string> read_delete(const Json& json);

}  // namespace tenfold::server::ollama
