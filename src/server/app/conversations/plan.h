// From what a client asks to the request that a model is given.
#pragma once

#include <string>
#include <vector>

#include "server/app/app.h"
#include "server/app/conversations/conversation_request.h"
#include "service/model_host.h"

namespace tenfold::server::conversations {

/// What is to be stored and asked.
struct Plan {
  std::int64_t conversation = 0;
  std::vector<ChatMessage> before;  ///< new messages, each the child of the one before it
  ChatMessage answer;               ///< its id is 0 unless it is continued
  ModelUse use;
  Request request;
};

/// busy where an answer that is still being written would be answered or continued; not_found,
/// invalid_argument naming what is wrong. Blocks.
Result<Plan> plan_answer(App& app, std::int64_t conversation, const Ask& ask);

/// What would be asked, and of which messages it is made.
struct Look {
  Plan plan;
  std::string system;
  std::vector<ChatMessage> branch;  ///< those without an id are not stored
};
Result<Look> plan_look(App& app, std::int64_t conversation, const Ask& ask);

}  // namespace tenfold::server::conversations
