#include <curl/curl.h>
#include <fmt/format.h>

#include <thread>

#include "download/download.h"
#include "download/http_request.h"
#include "download/retries.h"

namespace tenfold {
namespace {

struct Answer {
  std::string text{};
  bool too_long = false;
  std::optional<Failure> failure{};
};

Error cancelled_error(const HttpSettings& settings) {
  return fail(ErrorCode::cancelled, "the download of " + settings.shown_url + " was cancelled");
}

Result<Answer> ask_once(const HttpSettings& settings, std::size_t limit,
                        const std::function<bool()>& cancelled) {
  Answer answer;
  const auto request = TRY(HttpRequest::create(settings, [&](std::span<const std::byte> bytes) {
    answer.too_long = bytes.size() > limit - answer.text.size();
    if (!answer.too_long) {
      answer.text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    return !answer.too_long;
  }));
  HttpLoop loop;
  loop.add(*request);
  std::vector<HttpLoop::Ended> ended;
  while (ended.empty()) {
    if (cancelled && cancelled()) {
      loop.remove(*request);
      return cancelled_error(settings);
    }
    ended = loop.run(HttpLoop::tick);
  }
  const int status = request->head().status;
  if (status != 0 && status != 200 && (ended[0].code == CURLE_OK || answer.too_long)) {
    answer.failure = request->status_failure();
  } else if (ended[0].code != CURLE_OK) {
    answer.failure = request->curl_failure(ended[0].code);
  }
  return answer;
}

}  // namespace

Result<std::string> fetch_text(const TextRequest& request, const std::function<bool()>& cancelled) {
  const HttpSettings settings = TRY(make_http_settings(
      request.url, request.bearer_token, request.public_hosts_only, request.patience));
  Retries retries(request.patience);
  while (true) {
    Answer answer = TRY(ask_once(settings, request.limit, cancelled));
    if (!answer.failure) return std::move(answer.text);
    if (answer.too_long && answer.failure->remedy == Remedy::none) {
      return fail(ErrorCode::io,
                  fmt::format("{} is longer than {} bytes", settings.shown_url, request.limit));
    }
    const Failure& failure = *answer.failure;
    if (failure.remedy == Remedy::none) return failure.error;
    const auto pause = retries.failed(failure.retry_after);
    if (!pause) return failure.error;
    for (const auto until = std::chrono::steady_clock::now() + *pause;
         std::chrono::steady_clock::now() < until;) {
      if (cancelled && cancelled()) return cancelled_error(settings);
      std::this_thread::sleep_for(std::min(HttpLoop::tick, *pause));
    }
  }
}

}  // namespace tenfold
