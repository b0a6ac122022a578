#include "server/apis/answers/answer.h"

#include <boost/asio/this_coro.hpp>
#include <optional>
#include <utility>

#include "engine/sampling.h"
#include "server/apis/answers/feed.h"
#include "server/http/error_reply.h"
#include "server/http/offload.h"
#include "service/scheduler.h"

namespace tenfold::server {
namespace {

namespace asio = boost::asio;

/// Ends the answers of a reply that ends early, however it does.
class Ending {
 public:
  explicit Ending(std::shared_ptr<AnswerFeed> feed) : feed_(std::move(feed)) {}
  ~Ending() {
    if (!feed_->finished()) feed_->cancel();
  }
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;

 private:
  std::shared_ptr<AnswerFeed> feed_;
};

/// The events' part of a stream, up to the first answer that failed.
std::string tell(AnswerFormat& format, const std::vector<AnswerEvent>& events,
                 std::optional<Error>& error) {
  std::string out;
  for (const AnswerEvent& event : events) {
    if (error) break;
    if (const auto* model = std::get_if<LoadedModel>(&event.what)) {
      format.set_model(*model);
    } else if (const auto* progress = std::get_if<PromptProgress>(&event.what)) {
      out += format.progress(event.choice, *progress);
    } else if (const auto* delta = std::get_if<Delta>(&event.what)) {
      out += format.delta(event.choice, *delta);
    } else if (const auto* notice = std::get_if<Notice>(&event.what)) {
      format.set_model(notice->model);
      out += format.notice(*notice);
    } else if (const auto& answer = std::get<Result<Answer>>(event.what); answer.ok()) {
      out += format.end(event.choice, *answer);
    } else {
      error = answer.error();
    }
  }
  return out;
}

/// Texts may be long: away from the event loop.
Result<void> check_all(const std::vector<Request>& requests) {
  for (const Request& request : requests) TRY(check_values(request));
  return {};
}

/// The events up to the first which says that the answer has begun: its prompt is made and fits,
/// what it has to follow is understood. What must be known before the first bytes are sent is
/// taken from them.
struct Beginning {
  std::vector<AnswerEvent> events;
  std::optional<Error> error = std::nullopt;
  bool begun = false;

  void add(AnswerFormat& format, std::vector<AnswerEvent> more) {
    for (AnswerEvent& event : more) {
      if (const auto* model = std::get_if<LoadedModel>(&event.what)) {
        format.set_model(*model);
      } else if (const auto* notice = std::get_if<Notice>(&event.what)) {
        format.set_model(notice->model);
      } else {
        begun = true;
      }
      if (const auto* read = std::get_if<PromptProgress>(&event.what)) format.set_prompt(*read);
      const auto* answer = std::get_if<Result<Answer>>(&event.what);
      if (answer != nullptr && !answer->ok() && !error) error = answer->error();
      events.push_back(std::move(event));
    }
  }
};

/// Nothing is sent before the answer begins, so that what fails until then has its HTTP status;
/// unless that takes so long that the client might give up.
asio::awaitable<void> stream(Exchange& exchange, const Services& services, AnswerFeed& feed,
                             AnswerFormat& format) {
  using Clock = std::chrono::steady_clock;
  Beginning beginning;
  const auto patience_ends = Clock::now() + services.keep_alive;
  for (auto now = Clock::now(); !beginning.begun && now < patience_ends; now = Clock::now()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(patience_ends - now);
    beginning.add(format, co_await feed.next(left));
  }
  if (beginning.error) co_return co_await exchange.send(*beginning.error);
  std::vector<AnswerEvent> events = std::move(beginning.events);
  std::optional<Error> error;
  co_await exchange.begin_stream(std::string(format.stream_type()));
  std::string text = format.begin();
  co_await exchange.write(text);
  auto said = Clock::now();
  if (!beginning.begun) said -= services.keep_alive;  // it was silent until now
  for (;;) {
    text = tell(format, events, error);
    // There may have been events of which this API says nothing.
    const auto silent = std::chrono::ceil<std::chrono::milliseconds>(Clock::now() - said);
    if (text.empty() && silent >= services.keep_alive) text = format.keep_alive();
    if (!text.empty()) {
      co_await exchange.write(text);
      said = Clock::now();
    }
    if (error || feed.finished()) break;
    const auto left = text.empty() ? services.keep_alive - silent : services.keep_alive;
    events = co_await feed.next(std::chrono::ceil<std::chrono::milliseconds>(left));
  }
  text = error ? format.failure(*error) : format.finish();
  co_await exchange.write(text);
  co_await exchange.end_stream();
}

asio::awaitable<void> collect(Exchange& exchange, const Services& services, AnswerFeed& feed,
                              AnswerFormat& format, std::size_t choices) {
  std::vector<Answer> answers(choices);
  while (!feed.finished()) {
    for (AnswerEvent& event : co_await feed.next(services.keep_alive)) {
      if (const auto* model = std::get_if<LoadedModel>(&event.what)) format.set_model(*model);
      if (const auto* notice = std::get_if<Notice>(&event.what)) format.set_model(notice->model);
      auto* answer = std::get_if<Result<Answer>>(&event.what);
      if (answer == nullptr) continue;
      if (!answer->ok()) co_return co_await exchange.send(answer->error());
      answers[event.choice] = std::move(**answer);
    }
  }
  co_await exchange.send(json_reply(format.whole(answers)));
}

}  // namespace

std::string sse(std::string_view name, const Json& data) {
  std::string event;
  if (!name.empty()) event.append("event: ").append(name).append("\n");
  return event.append("data: ").append(dump(data)).append("\n\n");
}

asio::awaitable<void> answer(Exchange& exchange, Services& services, AnswerCall call) {
  exchange.note(call.noted);
  // Here, so that a stream does not begin before its worker says the same.
  const auto good = co_await offload(services.blocking, [&] {
    const Sampling standing = services.sampling(call.use.model);
    for (Request& request : call.requests) fill_sampling(request.sampling, standing);
    call.format->set_sampling(call.requests.front().sampling);
    return check_all(call.requests);
  });
  if (!good.ok()) co_return co_await exchange.send(good.error());
  std::vector<AnswerTask> tasks;
  for (Request& request : call.requests) {
    tasks.push_back({call.use, exchange.request().client, std::move(request)});
  }
  const std::size_t choices = tasks.size();
  auto started =
      AnswerFeed::start(co_await asio::this_coro::executor, services.scheduler, std::move(tasks));
  if (!started.ok()) co_return co_await exchange.send(started.error());
  const std::shared_ptr<AnswerFeed> feed = std::move(started).value();
  const Ending ending(feed);
  exchange.on_gone([feed] { feed->cancel(); });
  if (call.stream) {
    co_await stream(exchange, services, *feed, *call.format);
  } else {
    co_await collect(exchange, services, *feed, *call.format, choices);
  }
}

asio::awaitable<void> answer_read(Exchange& exchange, Services& services,
                                  Result<AnswerCall> (*read)(const Exchange&, const Services&)) {
  auto call = co_await offload(services.blocking, [&] { return read(exchange, services); });
  if (!call.ok()) co_return co_await exchange.send(call.error());
  co_await answer(exchange, services, std::move(call).value());
}

}  // namespace tenfold::server
