// The body of POST /v1/responses.
#pragma once

#include "server/apis/openai/generation_fields.h"

namespace tenfold::server::openai {

struct ResponseFields {
  Request request;
  ModelUse use;
  bool stream = false;
  std::vector<std::string> noted;  ///< fields that change nothing (noted.h)
  Json echo;  ///< what every reply repeats of the request, by the names of its fields
};

/// invalid_argument or unsupported names the field that is at fault. Nothing is stored, so what
/// refers to an earlier response is unsupported.
Result<ResponseFields> read_response(Json json, const std::string& body, const Limits& limits);

}  // namespace tenfold::server::openai
