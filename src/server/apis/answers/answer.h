// Asks the scheduler for the answers to one HTTP request and sends them, whole or as a stream.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <vector>

#include "server/apis/answers/format.h"
#include "server/apis/services.h"
#include "server/http/exchange.h"

namespace tenfold::server {

/// A request of some API in the contract's terms.
struct AnswerCall {
  std::unique_ptr<AnswerFormat> format;
  bool stream = false;
  ModelUse use;
  std::vector<Request> requests;        ///< one a choice, at least one
  std::vector<std::string> noted = {};  ///< named in the reply's headers
};

/// Replies to the exchange. The answers are cancelled when the client goes.
boost::asio::awaitable<void> answer(Exchange& exchange, Services& services, AnswerCall call);

/// The same for what `read` makes of the exchange, away from the event loop; its error is the
/// reply.
boost::asio::awaitable<void> answer_read(Exchange& exchange, Services& services,
                                         Result<AnswerCall> (*read)(const Exchange&,
                                                                    const Services&));

}  // namespace tenfold::server
