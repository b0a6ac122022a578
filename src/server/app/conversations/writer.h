// Writes an answer to its end, whoever watches.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "server/apis/answers/feed.h"
#include "server/app/app.h"
#include "server/app/conversations/live.h"

namespace tenfold::server::conversations {

/// What the events make of the answer's message. Returns what those who watch are to be told.
std::string take_events(const std::vector<AnswerEvent>& events, LiveAnswer& answer);

/// Until the answer has ended: tells what comes, and saves it now and then, so that a server that
/// is killed loses less than a second of it. The answer is in App::live when this is called.
boost::asio::awaitable<void> write_answer(App& app, std::shared_ptr<LiveAnswer> answer);

}  // namespace tenfold::server::conversations
