// What a failed request means: try again, start over, or tell the user.
#pragma once

#include <chrono>
#include <string>

#include "download/response_head.h"
#include "tenfold/error.h"

namespace tenfold {

enum class Remedy {
  retry,    ///< the network or the server may do better later
  restart,  ///< what is here does not belong to what the server now sends
  none,     ///< it will fail the same way again
};

struct Failure {
  Remedy remedy = Remedy::none;
  Error error{};
  std::chrono::seconds retry_after{0};  ///< what the server asked for; 0: nothing
};

/// Of a response whose status is neither 200 nor 206. `with_token`: a bearer token was sent.
Failure status_failure(const ResponseHead& head, const std::string& shown_url, bool with_token,
                       std::chrono::seconds retry_after);

/// Of a request that libcurl ended with `code` (a CURLcode other than CURLE_OK); `detail` is its
/// own text, which may be empty.
Failure curl_failure(int code, const std::string& shown_url, const std::string& detail);

}  // namespace tenfold
