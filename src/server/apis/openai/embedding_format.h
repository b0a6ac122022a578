// Replies of POST /v1/embeddings.
#pragma once

#include "server/apis/answers/embedding.h"
#include "server/apis/openai/embedding_request.h"
#include "server/http/message.h"

namespace tenfold::server::openai {

/// unsupported if the model's vectors have another length than was asked for.
Result<Reply> embedding_reply(const EmbeddingFields& fields, const Embedded& embedded);

}  // namespace tenfold::server::openai
