#include "server/app/conversations/live.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string_view>
#include <utility>

#include "chat/json.h"
#include "server/apis/answers/format.h"

namespace tenfold::server::conversations {
namespace {

namespace asio = boost::asio;

/// A client that lags so far behind is let go; it will come back and be told the state.
constexpr std::size_t most_waiting_bytes = 16 << 20;

}  // namespace

asio::awaitable<std::string> Watcher::next(std::chrono::milliseconds patience) {
  if (waiting_.empty() && !ended_) {
    came_.expires_after(patience);
    boost::system::error_code ignored;
    co_await came_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return std::exchange(waiting_, {});
}

std::string Watcher::take_whole() {
  constexpr std::string_view end = "\n\n";
  std::string whole;
  for (std::string_view rest = waiting_; !rest.empty();) {
    const std::string_view event = rest.substr(0, rest.find(end) + end.size());
    if (!event.starts_with("event: delta\n")) whole += event;
    rest.remove_prefix(event.size());
  }
  waiting_.clear();
  return whole;
}

void Watcher::push(const std::string& event) {
  if (ended_) return;
  if (waiting_.size() + event.size() > most_waiting_bytes) return end();
  waiting_ += event;
  came_.cancel();
}

void Watcher::end() {
  ended_ = true;
  came_.cancel();
}

void Live::add(const std::shared_ptr<LiveAnswer>& answer) { answers_[answer->message.id] = answer; }

std::shared_ptr<LiveAnswer> Live::find(std::int64_t message) const {
  const auto found = answers_.find(message);
  return found == answers_.end() ? nullptr : found->second.lock();
}

std::vector<std::shared_ptr<LiveAnswer>> Live::answers_in(std::int64_t conversation) const {
  std::vector<std::shared_ptr<LiveAnswer>> found;
  for (const auto& [id, weak] : answers_) {
    auto answer = weak.lock();
    if (answer != nullptr && answer->conversation == conversation) {
      found.push_back(std::move(answer));
    }
  }
  return found;
}

std::set<std::int64_t> Live::conversations() const {
  std::set<std::int64_t> ids;
  for (const auto& [id, weak] : answers_) {
    if (const auto answer = weak.lock()) ids.insert(answer->conversation);
  }
  return ids;
}

std::shared_ptr<Watcher> Live::watch(const asio::any_io_executor& loop, std::int64_t conversation) {
  std::erase_if(watchers_, [](const auto& weak) { return weak.expired(); });
  auto watcher = std::make_shared<Watcher>(loop, conversation);
  watchers_.push_back(watcher);
  return watcher;
}

void Live::tell(std::int64_t conversation, const std::string& event) {
  for (const auto& weak : watchers_) {
    const auto watcher = weak.lock();
    if (watcher != nullptr && watcher->conversation() == conversation) watcher->push(event);
  }
}

void Live::end(std::int64_t conversation) {
  for (const auto& weak : watchers_) {
    const auto watcher = weak.lock();
    if (watcher != nullptr && watcher->conversation() == conversation) watcher->end();
  }
}

void Live::stop() {
  for (const auto& weak : watchers_) {
    if (const auto watcher = weak.lock()) watcher->end();
  }
}

std::string prompt_event(std::int64_t message, const PromptProgress& progress) {
  Json json = to_json(progress);
  json["message"] = message;
  return sse("prompt", json);
}

std::string message_event(const ChatMessage& message) {
  return sse("message", {{"message", to_json(message)}});
}

std::string info_event(const ConversationInfo& info) {
  return sse("conversation", {{"conversation", to_json(info)}});
}

}  // namespace tenfold::server::conversations
