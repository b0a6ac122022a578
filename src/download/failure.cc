#include "download/failure.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include "tenfold/result.h"

namespace tenfold {
namespace {

Failure permanent(ErrorCode code, std::string message, std::string hint = {}) {
  return {Remedy::none, fail(code, std::move(message), std::move(hint))};
}

Failure gated(const std::string& shown_url, int status, bool with_token) {
  if (with_token) {
    return permanent(
        ErrorCode::permission_denied,
        fmt::format("the server refused the token for {} (HTTP {})", shown_url, status),
        "check HF_TOKEN, and accept the model's terms on its page with that account");
  }
  return permanent(
      ErrorCode::permission_denied, fmt::format("{} needs permission (HTTP {})", shown_url, status),
      "set HF_TOKEN to the token of an account that has accepted the model's terms on its page");
}

}  // namespace

Failure status_failure(const ResponseHead& head, const std::string& shown_url, bool with_token,
                       std::chrono::seconds retry_after) {
  switch (head.status) {
    case 401:
    case 403:
      return gated(shown_url, head.status, with_token);
    case 404:
    case 410:
      return permanent(ErrorCode::not_found,
                       fmt::format("{} does not exist (HTTP {})", shown_url, head.status),
                       "check the name; on a hub, a private or renamed model looks the same");
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504: {
      std::string asked;
      if (retry_after.count() > 0) asked = fmt::format(", asked to wait {} s", retry_after.count());
      Error error = fail(ErrorCode::network,
                         fmt::format("the server of {} is busy or failing (HTTP {}{})", shown_url,
                                     head.status, asked),
                         "try again later; what arrived is kept");
      error.retry_after = retry_after;
      return {Remedy::retry, std::move(error), retry_after};
    }
    default:
      return permanent(ErrorCode::io,
                       fmt::format("the server answered HTTP {} for {}", head.status, shown_url),
                       "check the URL");
  }
}

Failure curl_failure(int code, const std::string& shown_url, const std::string& detail) {
  const std::string reason =
      detail.empty() ? curl_easy_strerror(static_cast<CURLcode>(code)) : detail;
  const std::string message = fmt::format("cannot download {}: {}", shown_url, reason);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
      return {Remedy::retry,
              fail(ErrorCode::network, message,
                   "check the network, and http_proxy and https_proxy if there is a proxy")};
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
      return {Remedy::retry, fail(ErrorCode::network, message,
                                  "try again: the download goes on where it stopped")};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return permanent(ErrorCode::network, message,
                       "if your network has its own certificate authority, set SSL_CERT_FILE");
    case CURLE_TOO_MANY_REDIRECTS:
      return permanent(ErrorCode::io, message, "the server redirects in a circle; check the URL");
    case CURLE_UNSUPPORTED_PROTOCOL:
      return permanent(ErrorCode::permission_denied, message,
                       "only http and https are followed, and never from https to http");
    default:
      return permanent(ErrorCode::io, message);
  }
}

}  // namespace tenfold
