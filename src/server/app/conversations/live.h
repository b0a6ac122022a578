// What happens to conversations now: answers that are being written, and those who watch. All of it
// is for the event loop's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "chat/conversation.h"
#include "server/apis/answers/feed.h"

namespace tenfold::server::conversations {

/// An answer on its way. It belongs to the coroutine that writes it.
struct LiveAnswer {
  std::int64_t conversation = 0;
  ChatMessage message;     ///< with the text so far; running until its end is saved
  std::string begun = {};  ///< of a continued answer: the text it had
  std::string begun_reasoning = {};
  MessageState end = MessageState::running;  ///< how it ended, if it did
  std::shared_ptr<AnswerFeed> feed = {};
  std::optional<PromptProgress> prompt = {};  ///< while it is read
};

/// One who watches a conversation. Belongs to the coroutine of the connection.
class Watcher {
 public:
  Watcher(const boost::asio::any_io_executor& loop, std::int64_t conversation)
      : conversation_(conversation), came_(loop) {}

  /// What came since the last call, waiting for something; empty when nothing came in `patience`.
  boost::asio::awaitable<std::string> next(std::chrono::milliseconds patience);

  /// What came so far but for deltas, for those who begin with the text that these led to.
  std::string take_whole();

  /// Nothing more will come: the conversation or the server ended, or too much was not taken.
  [[nodiscard]] bool ended() const { return ended_ && waiting_.empty(); }
  [[nodiscard]] std::int64_t conversation() const { return conversation_; }

 private:
  friend class Live;
  void push(const std::string& event);
  void end();

  const std::int64_t conversation_;
  boost::asio::steady_timer came_;
  std::string waiting_;
  bool ended_ = false;
};

class Live {
 public:
  void add(const std::shared_ptr<LiveAnswer>& answer);
  void remove(std::int64_t message) { answers_.erase(message); }
  /// nullptr if it is not being written.
  [[nodiscard]] std::shared_ptr<LiveAnswer> find(std::int64_t message) const;
  [[nodiscard]] std::vector<std::shared_ptr<LiveAnswer>> answers_in(
      std::int64_t conversation) const;
  [[nodiscard]] std::set<std::int64_t> conversations() const;
  [[nodiscard]] std::size_t size() const { return answers_.size(); }

  std::shared_ptr<Watcher> watch(const boost::asio::any_io_executor& loop,
                                 std::int64_t conversation);
  /// Sends the event to all who watch the conversation.
  void tell(std::int64_t conversation, const std::string& event);
  /// Ends the streams of the conversation.
  void end(std::int64_t conversation);
  /// Ends all streams.
  void stop();

 private:
  // Weak, as what they refer to has timers of the event loop, which ends before this.
  std::map<std::int64_t, std::weak_ptr<LiveAnswer>> answers_;  ///< by message
  std::vector<std::weak_ptr<Watcher>> watchers_;
};

/// The events of a conversation's stream.
std::string message_event(const ChatMessage& message);
std::string info_event(const ConversationInfo& info);
/// How far the prompt of an answer is read.
std::string prompt_event(std::int64_t message, const PromptProgress& progress);

}  // namespace tenfold::server::conversations
