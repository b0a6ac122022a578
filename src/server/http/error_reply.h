// Errors of the contract as HTTP: a status, and a body in the API's own form.
#pragma once

#include <optional>

#include "server/http/message.h"
#include "tenfold/error.h"

namespace tenfold::server {

/// The status that lets clients' own retry rules do the right thing: 4xx will fail again, 429 and
/// 5xx may not.
int http_status(ErrorCode code);

/// Just the body, as events of a stream that has begun need it.
Json error_json(Dialect dialect, const Error& error);

/// `status` where HTTP itself has a better word than the error's code, e.g. 413.
Reply error_reply(Dialect dialect, const Error& error, std::optional<int> status = std::nullopt);

}  // namespace tenfold::server
