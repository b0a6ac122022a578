// Asks the scheduler for the answers to one HTTP request and sends them, whole or as a stream.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <vector>

#include "server/answers/format.h"
#include "server/app.h"
#include "server/http/exchange.h"

namespace tenfold::server {

/// A request of some API in the contract's terms.
struct AnswerCall {
  ModelUse use;
  std::vector<Request> requests;  ///< one a choice, at least one
  bool stream = false;
  std::unique_ptr<AnswerFormat> format;
};

/// Replies to the exchange. The answers are cancelled when the client goes.
boost::asio::awaitable<void> answer(Exchange& exchange, App& app, AnswerCall call);

}  // namespace tenfold::server
