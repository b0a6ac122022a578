// POST and GET /api/v1/downloads, GET …/{id}, POST …/{id}/cancel, GET …/{id}/events
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>

#include "server/apis/answers/format.h"
#include "server/apis/downloads.h"
#include "server/app/admin/admin_handlers.h"
#include "server/app/admin/admin_request.h"
#include "server/http/offload.h"

namespace tenfold::server::admin {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_interval{250};

Result<Download> download(const App& app, std::uint64_t id) {
  if (auto found = app.downloads.find(id)) return std::move(*found);
  return fail(ErrorCode::not_found, "there is no such download",
              "GET /api/v1/downloads lists those that run and the last ones that ended");
}

Result<Download> named(const Exchange& exchange, const App& app) {
  const std::string& text = exchange.request().parameters.at("id");
  std::uint64_t id = 0;  // none has this one
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return download(app, error == std::errc() && end == text.data() + text.size() ? id : 0);
}

Result<Download> start(const Exchange& exchange, App& app) {
  const std::string model = TRY(read_model(TRY(exchange.json())));
  return download(app, TRY(app.downloads.start(model)).id);
}

Reply list_reply(const std::vector<Download>& downloads) {
  Json rows = Json::array();
  for (const Download& entry : downloads) rows.push_back(to_json(entry));
  return json_reply({{"downloads", std::move(rows)}});
}

/// The event has the name of the state; the last one has that of an end.
std::string event(const Download& download) {
  return sse(to_string(download.state), to_json(download));
}

}  // namespace

asio::awaitable<void> start_download(Exchange& exchange, App& app) {
  const auto started = co_await offload(app.blocking, [&] { return start(exchange, app); });
  if (!started.ok()) co_return co_await exchange.send(started.error());
  Reply reply = json_reply(to_json(*started), 202);
  co_await exchange.send(std::move(reply));
}

asio::awaitable<void> list_downloads(Exchange& exchange, App& app) {
  co_await exchange.send(list_reply(app.downloads.list()));
}

asio::awaitable<void> show_download(Exchange& exchange, App& app) {
  const auto found = named(exchange, app);
  if (!found.ok()) co_return co_await exchange.send(found.error());
  Reply reply = json_reply(to_json(*found));
  co_await exchange.send(std::move(reply));
}

asio::awaitable<void> follow_download(Exchange& exchange, App& app) {
  auto current = named(exchange, app);
  if (!current.ok()) co_return co_await exchange.send(current.error());
  asio::steady_timer timer(co_await asio::this_coro::executor);
  co_await exchange.begin_stream("text/event-stream");
  std::optional<std::uint64_t> told;
  Clock::time_point told_at;
  for (;;) {
    const bool silent = Clock::now() - told_at > app.keep_alive;
    if (told != current->changes || silent) {
      const std::string text = event(*current);
      co_await exchange.write(text);
      told = current->changes;
      told_at = Clock::now();
    }
    if (current->ended()) break;
    timer.expires_after(look_interval);
    co_await timer.async_wait(asio::use_awaitable);
    auto next = download(app, current->id);
    if (!next.ok()) break;  // ended, and forgotten since
    current = std::move(next);
  }
  co_await exchange.end_stream();
}

asio::awaitable<void> cancel_download(Exchange& exchange, App& app) {
  const auto found = named(exchange, app);
  if (!found.ok()) co_return co_await exchange.send(found.error());
  (void)app.downloads.cancel(found->id);
  Reply reply = json_reply(to_json(*found), 202);
  co_await exchange.send(std::move(reply));
}

}  // namespace tenfold::server::admin
