// POST /api/v1/conversations/{id}/answers, DELETE /api/v1/answers/{id},
// GET /api/v1/conversations/{id}/events
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "chat/json.h"
#include "server/apis/answers/format.h"
#include "server/app/conversations/conversation_handlers.h"
#include "server/app/conversations/live.h"
#include "server/app/conversations/plan.h"
#include "server/app/conversations/shelf.h"
#include "server/app/conversations/writer.h"
#include "server/app/query.h"
#include "server/http/offload.h"
#include "service/scheduler.h"

namespace tenfold::server::conversations {
namespace {

namespace asio = boost::asio;

Result<Plan> read_plan(const Exchange& exchange, App& app) {
  const std::int64_t id = TRY(read_id(exchange.request().parameters.at("id")));
  return plan_answer(app, id, TRY(read_ask(TRY(exchange.json()))));
}

/// Gives the plan's messages their ids. Returns the conversation with its new head.
Result<ConversationInfo> store_plan(App& app, Plan& plan) {
  return app.shelf.with([&](ChatStore& store) -> Result<ConversationInfo> {
    for (std::size_t i = 0; i < plan.before.size(); ++i) {
      if (i > 0) plan.before[i].parent = plan.before[i - 1].id;
      TRY(store.append(plan.conversation, plan.before[i]));
    }
    if (plan.answer.id == 0) {
      if (!plan.before.empty()) plan.answer.parent = plan.before.back().id;
      TRY(store.append(plan.conversation, plan.answer));
    } else {
      TRY(store.update(plan.answer));
    }
    return store.info(plan.conversation);
  });
}

std::shared_ptr<LiveAnswer> live_answer(const Plan& plan) {
  auto answer = std::make_shared<LiveAnswer>();
  answer->conversation = plan.conversation;
  answer->message = plan.answer;
  answer->begun = plan.answer.content;
  answer->begun_reasoning = plan.answer.reasoning;
  return answer;
}

Reply asked_reply(const Plan& plan, const ConversationInfo& info) {
  Json messages = Json::array();
  for (const ChatMessage& message : plan.before) messages.push_back(to_json(message));
  messages.push_back(to_json(plan.answer));
  return json_reply({{"answer", plan.answer.id},
                     {"head", info.head ? Json(*info.head) : Json()},
                     {"messages", std::move(messages)}},
                    202);
}

void tell_beginning(App& app, const Plan& plan, const ConversationInfo& info) {
  std::string events;
  for (const ChatMessage& message : plan.before) events += message_event(message);
  events += message_event(plan.answer) + info_event(info);
  app.live.tell(plan.conversation, events);
  app.shelf.touch();
}

/// The scheduler may refuse: only what it takes is stored.
Result<std::shared_ptr<AnswerFeed>> submit(const asio::any_io_executor& loop, App& app, Plan& plan,
                                           const std::string& client) {
  std::vector<AnswerTask> tasks;
  tasks.push_back({plan.use, client, std::move(plan.request)});
  return AnswerFeed::start(loop, app.scheduler, std::move(tasks));
}

Result<Conversation> load(const Exchange& exchange, App& app) {
  const std::int64_t id = TRY(read_id(exchange.request().parameters.at("id")));
  return app.shelf.with([&](ChatStore& store) { return store.load(id); });
}

/// What the database had, what came while it was read, and the text so far of answers that are
/// being written; whole messages may come twice.
std::string beginning(const App& app, Watcher& watcher, const Conversation& conversation) {
  std::string text = sse("state", {{"conversation", to_json(conversation)}});
  text += watcher.take_whole();
  for (const auto& answer : app.live.answers_in(conversation.id)) {
    text += message_event(answer->message);
    if (answer->prompt) text += prompt_event(answer->message.id, *answer->prompt);
  }
  return text;
}

}  // namespace

asio::awaitable<void> ask(Exchange& exchange, App& app) {
  const auto loop = co_await asio::this_coro::executor;
  auto planned = co_await offload(app.blocking, [&] { return read_plan(exchange, app); });
  if (!planned.ok()) co_return co_await exchange.send(planned.error());
  Plan plan = std::move(planned).value();
  if (plan.answer.id != 0 && app.live.find(plan.answer.id) != nullptr) {
    const Error error = fail(ErrorCode::busy, "that answer is being continued already");
    co_return co_await exchange.send(error);
  }
  auto feed = submit(loop, app, plan, exchange.request().client);
  if (!feed.ok()) co_return co_await exchange.send(feed.error());
  const auto answer = live_answer(plan);
  answer->feed = *feed;
  if (plan.answer.id != 0) app.live.add(answer);
  const auto info = co_await offload(app.blocking, [&] { return store_plan(app, plan); });
  if (!info.ok()) {
    (*feed)->cancel();
    if (plan.answer.id != 0) app.live.remove(plan.answer.id);
    co_return co_await exchange.send(info.error());
  }
  answer->message = plan.answer;
  app.live.add(answer);
  tell_beginning(app, plan, *info);
  asio::co_spawn(loop, write_answer(app, answer), asio::detached);
  Reply reply = asked_reply(plan, *info);
  co_await exchange.send(std::move(reply));
}

asio::awaitable<void> stop(Exchange& exchange, App& app) {
  const auto id = read_id(exchange.request().parameters.at("id"));
  if (!id.ok()) co_return co_await exchange.send(id.error());
  if (const auto answer = app.live.find(*id)) answer->feed->cancel();
  Reply reply = json_reply(Json::object());
  co_await exchange.send(std::move(reply));
}

asio::awaitable<void> follow(Exchange& exchange, App& app) {
  const auto id = read_id(exchange.request().parameters.at("id"));
  if (!id.ok()) co_return co_await exchange.send(id.error());
  const auto watcher = app.live.watch(co_await asio::this_coro::executor, *id);
  const auto conversation = co_await offload(app.blocking, [&] { return load(exchange, app); });
  if (!conversation.ok()) co_return co_await exchange.send(conversation.error());
  std::string text = beginning(app, *watcher, *conversation);
  co_await exchange.begin_stream("text/event-stream");
  co_await exchange.write(text);
  while (!watcher->ended()) {
    text = co_await watcher->next(app.keep_alive);
    if (text.empty()) text = ": waiting\n\n";
    co_await exchange.write(text);
  }
  co_await exchange.end_stream();
}

}  // namespace tenfold::server::conversations
