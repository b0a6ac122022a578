// POST /api/v1/verify
#include "server/app/verify/verify_handlers.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

#include "server/apis/answers/format.h"
#include "server/apis/models.h"
#include "server/app/verify/comparison.h"
#include "server/http/error_reply.h"
#include "server/http/offload.h"
#include "service/scheduler.h"
#include "service/service.h"

namespace tenfold::server::verify {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_interval{100};

struct Planned {
  std::shared_ptr<Comparison> comparison;
  bool stream = true;
};

Result<Planned> plan(const Exchange& exchange, App& app) {
  const VerifyRequest request = TRY(read_verify(TRY(exchange.json())));
  std::vector<VerifiedRun> runs;
  for (const BenchModel& asked : request.models) {
    const std::string name = TRY(settled_name(app, asked.model));
    for (ModelChoice& choice : TRY(choose_engines(app.store, name, asked.engine))) {
      VerifiedRun run;
      run.model = name;
      run.resolved = std::move(choice.model);
      run.engine = choice.engine;
      runs.push_back(std::move(run));
    }
  }
  return Planned{
      std::make_shared<Comparison>(app.scheduler, request, std::move(runs), models_of(app.store)),
      request.stream};
}

/// However the request ends.
class Ending {
 public:
  explicit Ending(Comparison& comparison) : comparison_(comparison) {}
  ~Ending() { comparison_.cancel(); }
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;

 private:
  Comparison& comparison_;
};

/// What came since the last look, after a while.
asio::awaitable<Comparison::News> look(const App& app, Comparison& comparison) {
  asio::steady_timer timer(co_await asio::this_coro::executor, look_interval);
  co_await timer.async_wait(asio::use_awaitable);
  if (app.stopping) comparison.cancel();
  co_return comparison.take();
}

std::string events(const Comparison::News& news) {
  std::string text;
  for (const Json& step : news.progress) text += sse("progress", step);
  if (!news.end) return text;
  const Result<Json>& end = *news.end;
  return text +
         (end.ok() ? sse("verify", *end) : sse("error", error_json(Dialect::tenfold, end.error())));
}

/// Nothing is sent before it has begun, so that what fails until then has its HTTP status.
asio::awaitable<void> stream(Exchange& exchange, const App& app, Comparison& comparison) {
  Comparison::News news;
  while (news.progress.empty() && !news.end) news = co_await look(app, comparison);
  if (news.end && !news.end->ok()) co_return co_await exchange.send(news.end->error());
  co_await exchange.begin_stream("text/event-stream");
  Clock::time_point told_at = Clock::now();
  for (;;) {
    std::string text = events(news);
    if (text.empty() && Clock::now() - told_at > app.keep_alive) text = ": waiting\n\n";
    if (!text.empty()) told_at = Clock::now();
    co_await exchange.write(text);
    if (news.end) break;
    news = co_await look(app, comparison);
  }
  co_await exchange.end_stream();
}

asio::awaitable<void> wait(Exchange& exchange, const App& app, Comparison& comparison) {
  Comparison::News news;
  while (!news.end) news = co_await look(app, comparison);
  if (!news.end->ok()) co_return co_await exchange.send(news.end->error());
  Reply reply = json_reply(**news.end);
  co_await exchange.send(std::move(reply));
}

}  // namespace

asio::awaitable<void> compare(Exchange& exchange, App& app) {
  const auto planned = co_await offload(app.jobs, [&] { return plan(exchange, app); });
  if (!planned.ok()) co_return co_await exchange.send(planned.error());
  const std::shared_ptr<Comparison> comparison = planned->comparison;
  asio::post(app.jobs, [comparison] { comparison->perform(); });
  const Ending ending(*comparison);
  exchange.on_gone([comparison] { comparison->cancel(); });
  if (planned->stream) {
    co_await stream(exchange, app, *comparison);
  } else {
    co_await wait(exchange, app, *comparison);
  }
}

}  // namespace tenfold::server::verify
