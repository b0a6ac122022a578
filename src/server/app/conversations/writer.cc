#include "server/app/conversations/writer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "chat/json.h"
#include "server/apis/answers/format.h"
#include "server/app/conversations/live.h"
#include "server/app/conversations/shelf.h"
#include "server/http/offload.h"

namespace tenfold::server::conversations {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds save_interval{500};

void take_model(const LoadedModel& model, ChatMessage& message) {
  message.model = model.name;
  message.engine = model.engine;
  message.engine_version = model.engine_version;
}

void take_delta(const Delta& delta, ChatMessage& message, Json& news) {
  message.content += delta.text;
  message.reasoning += delta.reasoning;
  message.tool_calls.insert(message.tool_calls.end(), delta.tool_calls.begin(),
                            delta.tool_calls.end());
  Json json = to_json(delta);
  for (const char* field : {"text", "reasoning"}) {
    if (!json.contains(field)) continue;
    news[field] = news.value(field, std::string()) + json[field].get<std::string>();
  }
  for (const Json& call : json.value("tool_calls", Json::array())) {
    news["tool_calls"].push_back(call);
  }
  news["tokens"] = news.value("tokens", std::size_t{0}) + delta.tokens.size();
}

void take_end(const Result<Answer>& ended, LiveAnswer& answer) {
  ChatMessage& message = answer.message;
  if (!ended.ok()) {
    const bool stopped = ended.error().code == ErrorCode::cancelled;
    answer.end = stopped ? MessageState::cancelled : MessageState::failed;
    if (!stopped) message.error = ended.error();
    return;
  }
  message.content = answer.begun + ended->text;
  message.reasoning = answer.begun_reasoning + ended->reasoning;
  message.tool_calls = ended->tool_calls;
  message.finish_reason = to_string(ended->finish);
  message.seed = ended->seed;
  message.usage = ended->usage;
  answer.end =
      ended->finish == FinishReason::cancelled ? MessageState::cancelled : MessageState::complete;
}

bool changes_message(const AnswerEvent& event) {
  return !std::holds_alternative<PromptProgress>(event.what);
}

/// The deltas between two other events, as one.
std::string delta_event(const Json& news, std::int64_t id) {
  if (news.empty()) return {};
  Json json = news;
  json["message"] = id;
  return sse("delta", json);
}

}  // namespace

std::string take_events(const std::vector<AnswerEvent>& events, LiveAnswer& answer) {
  ChatMessage& message = answer.message;
  std::string told;
  Json news = Json::object();
  for (const AnswerEvent& event : events) {
    if (const auto* delta = std::get_if<Delta>(&event.what)) {
      answer.prompt.reset();
      take_delta(*delta, message, news);
      continue;
    }
    told += delta_event(std::exchange(news, Json::object()), message.id);
    if (const auto* model = std::get_if<LoadedModel>(&event.what)) {
      take_model(*model, message);
      told += message_event(message);
    } else if (const auto* progress = std::get_if<PromptProgress>(&event.what)) {
      answer.prompt = *progress;
      told += prompt_event(message.id, *progress);
    } else if (const auto* notice = std::get_if<Notice>(&event.what)) {
      take_model(notice->model, message);
      told += sse("notice", {{"message", message.id}, {"text", notice->text}});
    } else {
      take_end(std::get<Result<Answer>>(event.what), answer);
    }
  }
  return told + delta_event(news, message.id);
}

namespace {

/// Returns whether all of it was saved.
asio::awaitable<Result<void>> write_events(App& app, LiveAnswer& answer) {
  Clock::time_point saved = Clock::now();
  bool changed = false;
  Result<void> kept;
  while (!answer.feed->finished()) {
    const std::vector<AnswerEvent> events = co_await answer.feed->next(save_interval);
    const std::string told = take_events(events, answer);
    app.live.tell(answer.conversation, told);
    changed = changed || std::ranges::any_of(events, changes_message);
    const bool due = changed && Clock::now() - saved >= save_interval;
    if (!due && !answer.feed->finished()) continue;
    const auto save = [&app, message = answer.message, end = answer.end]() mutable {
      message.state = end;
      return app.shelf.with([&](ChatStore& store) { return store.update(message); });
    };
    kept = co_await offload(app.blocking, save);
    saved = Clock::now();
    changed = false;
  }
  co_return kept;
}

}  // namespace

asio::awaitable<void> write_answer(App& app, std::shared_ptr<LiveAnswer> answer) {
  Result<void> kept;
  try {
    kept = co_await write_events(app, *answer);
  } catch (const std::exception& error) {  // nobody waits for this coroutine
    answer->feed->cancel();
    kept = fail(ErrorCode::internal, std::string("writing the answer failed: ") + error.what());
  }
  answer->message.state = answer->end;
  if (!kept.ok()) {
    answer->message.state = MessageState::failed;
    answer->message.error = kept.error();
  }
  app.live.remove(answer->message.id);
  app.shelf.touch();
  app.live.tell(answer->conversation, message_event(answer->message));
}

}  // namespace tenfold::server::conversations
