// Work that blocks, away from the event loop.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

namespace tenfold::server {

/// Calls `work` on a thread of the pool; the caller goes on where it was.
template <typename Work>
auto offload(boost::asio::thread_pool& pool, Work work)
    -> boost::asio::awaitable<decltype(work())> {
  std::optional<decltype(work())> result;  // Result has no default, which co_spawn() wants
  const auto run = [&result, &work]() -> boost::asio::awaitable<void> {
    result = work();
    co_return;
  };
  co_await boost::asio::co_spawn(pool, run, boost::asio::use_awaitable);
  co_return std::move(*result);
}

}  // namespace tenfold::server
