// Answers that take blocking work to make.
#pragma once

#include "server/app/app.h"
#include "server/http/exchange.h"
#include "server/http/offload.h"

namespace tenfold::server {

/// Sends the Result<Reply> that `work` makes on a thread that may block.
template <typename Work>
boost::asio::awaitable<void> send_made(Exchange& exchange, App& app, Work work) {
  auto reply = co_await offload(app.blocking, work);
  if (!reply.ok()) co_return co_await exchange.send(reply.error());
  co_await exchange.send(std::move(reply).value());
}

}  // namespace tenfold::server
