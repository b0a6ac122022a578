// The bodies of POST /v1/messages and POST /v1/messages/count_tokens.
#pragma once

#include "server/apis/fields.h"
#include "server/http/options.h"
#include "service/scheduler.h"

namespace tenfold::server::anthropic {

struct MessageFields {
  Request request;
  ModelUse use;
  bool stream = false;
  bool show_thinking = true;       ///< the model's reasoning, as thinking blocks
  std::vector<std::string> noted;  ///< fields that change nothing (noted.h)
};

/// invalid_argument or unsupported names the field that is at fault.
Result<MessageFields> read_message_request(Json json, const std::string& body,
                                           const Limits& limits);

/// The prompt alone.
Result<MessageFields> read_count_request(Json json, const std::string& body, const Limits& limits);

}  // namespace tenfold::server::anthropic
