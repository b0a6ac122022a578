// Answers that take blocking work to make.
#pragma once

#include "server/http/exchange.h"
#include "server/http/offload.h"

namespace tenfold::server {

/// Sends the Result<Reply> that `work` makes on a thread of the pool.
template <typename Work>
boost::asio::awaitable<void> send_made(Exchange& exchange, boost::asio::thread_pool& pool,
                                       Work work) {
  auto reply = co_await offload(pool, work);
  if (!reply.ok()) co_return co_await exchange.send(reply.error());
  co_await exchange.send(std::move(reply).value());
}

}  // namespace tenfold::server
