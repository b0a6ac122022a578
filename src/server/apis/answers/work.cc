#include "server/apis/answers/work.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "service/scheduler.h"

namespace tenfold::server {
namespace {

namespace asio = boost::asio;

/// For the event loop's thread alone.
struct End {
  explicit End(const asio::any_io_executor& loop)
      : came(loop, asio::steady_timer::time_point::max()) {}

  asio::steady_timer came;
  std::optional<Result<void>> result;
};

}  // namespace

asio::awaitable<Result<void>> run_work(Exchange& exchange, Services& services, WorkTask task) {
  const auto end = std::make_shared<End>(co_await asio::this_coro::executor);
  const auto ticket = services.scheduler.run(std::move(task), [end](Result<void> result) {
    asio::post(end->came.get_executor(), [end, result = std::move(result)]() mutable {
      end->result = std::move(result);
      end->came.cancel();
    });
  });
  if (!ticket.ok()) co_return ticket.error();
  exchange.on_gone([running = *ticket] { running.cancel(); });
  while (!end->result) {
    boost::system::error_code ignored;
    co_await end->came.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return std::move(*end->result);
}

}  // namespace tenfold::server
