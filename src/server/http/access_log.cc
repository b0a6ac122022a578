#include "server/http/access_log.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <utility>

#include "engine/json.h"

namespace tenfold::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_waiting_bytes = 4 << 20;
constexpr std::chrono::milliseconds look_interval{100};
constexpr std::chrono::seconds last_words{1};

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string line_of(const AccessRecord& record) {
  Json json{{"request", record.id},
            {"client", record.client},
            {"method", record.method},
            {"path", record.path},
            {"status", record.status},
            {"received_bytes", record.received_bytes},
            {"sent_bytes", record.sent_bytes},
            {"seconds", record.seconds}};
  if (!record.noted.empty()) json["noted"] = record.noted;
  return line_of(json);
}

/// Whether so much as a page can be written at once.
bool takes_more(int descriptor) {
  pollfd target{descriptor, POLLOUT, 0};
  return ::poll(&target, 1, static_cast<int>(look_interval.count())) > 0;
}

}  // namespace

AccessLog::AccessLog(int descriptor)
    : descriptor_(descriptor), thread_([this](const std::stop_token& stop) { run(stop); }) {}

AccessLog::~AccessLog() {
  thread_.request_stop();
  thread_.join();
}

void AccessLog::write(const AccessRecord& record) {
  const std::string line = line_of(record);
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + line.size() > most_waiting_bytes) {
      ++left_out_;
      return;
    }
    if (left_out_ > 0) waiting_ += line_of(Json{{"left_out", std::exchange(left_out_, 0)}});
    waiting_ += line;
  }
  came_.notify_one();
}

void AccessLog::run(const std::stop_token& stop) {
  for (;;) {
    std::string text;
    {
      std::unique_lock lock(mutex_);
      came_.wait(lock, stop, [this] { return !waiting_.empty(); });
      if (waiting_.empty()) return;
      text = std::exchange(waiting_, {});
    }
    if (!send(text, stop)) return;
  }
}

/// False when nobody will take any more.
bool AccessLog::send(std::string_view text, const std::stop_token& stop) const {
  Clock::time_point end = Clock::time_point::max();
  while (!text.empty()) {
    if (stop.stop_requested() && end == Clock::time_point::max()) end = Clock::now() + last_words;
    if (Clock::now() >= end) return false;
    if (!takes_more(descriptor_)) continue;
    // A pipe that takes something takes so much without waiting.
    const ssize_t sent =
        ::write(descriptor_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (sent < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace tenfold::server
