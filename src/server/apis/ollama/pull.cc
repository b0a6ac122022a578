// POST /api/pull
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/apis/downloads.h"
#include "server/apis/ollama/ollama_handlers.h"
#include "server/apis/ollama/ollama_request.h"
#include "server/http/error_reply.h"
#include "server/http/offload.h"

namespace tenfold::server::ollama {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds look_interval{200};

struct Pulling {
  Downloads::Started started;
  bool stream = true;
};

Result<Pulling> start(const Exchange& exchange, Services& services) {
  PullFields fields = TRY(read_pull(TRY(exchange.json())));
  constexpr std::string_view latest = ":latest";
  if (fields.model.ends_with(latest)) fields.model.resize(fields.model.size() - latest.size());
  return Pulling{TRY(services.downloads.start(fields.model)), fields.stream};
}

/// A pull that nobody else asked for ends with the request.
void end(Downloads& downloads, Downloads::Started started) {
  if (!started.joined) (void)downloads.cancel(started.id);
}

/// However the request ends.
class Ending {
 public:
  Ending(Downloads& downloads, Downloads::Started started)
      : downloads_(downloads), started_(started) {}
  ~Ending() { end(downloads_, started_); }
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;

 private:
  Downloads& downloads_;
  Downloads::Started started_;
};

Json progress_json(const Download& download) {
  if (!download.pull)
    return {{"status", download.step.empty() ? "pulling manifest" : download.step}};
  const PullProgress& pull = *download.pull;
  Json json{{"status", "pulling " + pull.file}, {"completed", pull.done}};
  if (pull.total) json["total"] = *pull.total;
  return json;
}

/// Of a pull that has ended.
std::optional<Error> failure(const Download& download) {
  if (download.state == Download::State::done) return std::nullopt;
  return download.error.value_or(fail(ErrorCode::cancelled, "the download was cancelled",
                                      "what came is kept: pull again to go on"));
}

std::string last_line(const Download& download) {
  const auto error = failure(download);
  return dump(error ? error_json(Dialect::ollama, *error) : Json{{"status", "success"}}) + "\n";
}

Reply end_reply(const Download& download) {
  const auto error = failure(download);
  return error ? error_reply(Dialect::ollama, *error) : json_reply({{"status", "success"}});
}

/// It is among the latest: it has not been forgotten.
Download current(const Services& services, std::uint64_t id) {
  return services.downloads.find(id).value_or(Download());
}

/// A line for each change, and now and then one more, so that nobody takes the server for dead.
asio::awaitable<void> stream(Exchange& exchange, const Services& services, std::uint64_t id) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  co_await exchange.begin_stream("application/x-ndjson");
  std::optional<std::uint64_t> told;
  auto told_at = std::chrono::steady_clock::now();
  Download download = current(services, id);
  while (!download.ended()) {
    const auto now = std::chrono::steady_clock::now();
    if (told != download.changes || now - told_at > services.keep_alive) {
      const std::string line = dump(progress_json(download)) + "\n";
      co_await exchange.write(line);
      told = download.changes;
      told_at = now;
    }
    timer.expires_after(look_interval);
    co_await timer.async_wait(asio::use_awaitable);
    download = current(services, id);
  }
  const std::string line = last_line(download);
  co_await exchange.write(line);
  co_await exchange.end_stream();
}

asio::awaitable<void> wait(Exchange& exchange, const Services& services, std::uint64_t id) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  Download download = current(services, id);
  while (!download.ended()) {
    timer.expires_after(look_interval);
    co_await timer.async_wait(asio::use_awaitable);
    download = current(services, id);
  }
  co_await exchange.send(end_reply(download));
}

}  // namespace

asio::awaitable<void> pull(Exchange& exchange, Services& services) {
  const auto pulling =
      co_await offload(services.blocking, [&] { return start(exchange, services); });
  if (!pulling.ok()) co_return co_await exchange.send(pulling.error());
  const Ending ending(services.downloads, pulling->started);
  exchange.on_gone([&services, started = pulling->started] { end(services.downloads, started); });
  if (pulling->stream) {
    co_await stream(exchange, services, pulling->started.id);
  } else {
    co_await wait(exchange, services, pulling->started.id);
  }
}

}  // namespace tenfold::server::ollama
