// Replies of POST /v1/embeddings.
#pragma once

#include "server/answers/embedding.h"
#include "server/http/message.h"
#include "server/openai/embedding_request.h"

namespace tenfold::server::openai {

/// unsupported if the model's vectors have another length than was asked for.
Result<Reply> embedding_reply(const EmbeddingFields& fields, const Embedded& embedded);

}  // namespace tenfold::server::openai
