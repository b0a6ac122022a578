// GET and POST /api/v1/conversations; GET, PATCH and DELETE /api/v1/conversations/{id}; …/restore,
// …/export, POST /api/v1/conversations/import
#include <set>

#include "chat/json.h"
#include "server/apis/answers/format.h"
#include "server/app/conversations/conversation_handlers.h"
#include "server/app/conversations/conversation_request.h"
#include "server/app/conversations/live.h"
#include "server/app/conversations/shelf.h"
#include "server/app/query.h"
#include "server/http/offload.h"
#include "server/http/send_made.h"

namespace tenfold::server::conversations {
namespace {

namespace asio = boost::asio;

Result<std::int64_t> id_of(const Exchange& exchange) {
  return read_id(exchange.request().parameters.at("id"));
}

Result<Reply> listed(const Exchange& exchange, App& app, const std::set<std::int64_t>& running) {
  ConversationQuery query = TRY(read_query(exchange.request().query));
  const auto wanted = static_cast<std::size_t>(query.limit++);  // to know whether there are more
  auto found = TRY(app.shelf.with([&](ChatStore& store) { return store.list(query); }));
  const bool more = found.size() > wanted;
  if (more) found.pop_back();
  Json rows = Json::array();
  for (const ConversationSummary& summary : found) {
    rows.push_back(to_json(summary));
    rows.back()["running"] = running.contains(summary.info.id);
  }
  return json_reply({{"conversations", std::move(rows)}, {"more", more}});
}

Result<Reply> made(App& app, ChatStore& store, const Result<std::int64_t>& id) {
  Reply reply = json_reply(to_json(TRY(store.load(TRY(id)))), 201);
  app.shelf.touch();
  return reply;
}

Result<Reply> created(const Exchange& exchange, App& app) {
  const ConversationInfo info = TRY(read_new(TRY(exchange.json())));
  return app.shelf.with([&](ChatStore& store) { return made(app, store, store.create(info)); });
}

Result<Reply> imported(const Exchange& exchange, App& app) {
  const Conversation conversation = TRY(read_export(TRY(exchange.json())));
  return app.shelf.with(
      [&](ChatStore& store) { return made(app, store, store.add(conversation)); });
}

Result<Conversation> loaded(const Exchange& exchange, App& app) {
  const std::int64_t id = TRY(id_of(exchange));
  return app.shelf.with([&](ChatStore& store) { return store.load(id); });
}

/// With the text so far of what is being written.
Reply shown(const App& app, Conversation conversation) {
  for (ChatMessage& message : conversation.messages) {
    if (const auto answer = app.live.find(message.id)) message = answer->message;
  }
  return json_reply(to_json(conversation));
}

Result<ConversationInfo> changed(const Exchange& exchange, App& app) {
  const std::int64_t id = TRY(id_of(exchange));
  const Json json = TRY(exchange.json());
  return app.shelf.with([&](ChatStore& store) -> Result<ConversationInfo> {
    ConversationInfo info = TRY(store.info(id));
    TRY(read_change(json, info));
    TRY(store.change(info));
    return info;
  });
}

Result<std::int64_t> removed(const Exchange& exchange, App& app) {
  const std::int64_t id = TRY(id_of(exchange));
  const bool forever = TRY(read_choice(exchange.request().query, "forever", "false", "true"));
  TRY(app.shelf.with(
      [&](ChatStore& store) { return forever ? store.remove(id) : store.set_deleted(id, true); }));
  return id;
}

Result<ConversationInfo> restored(const Exchange& exchange, App& app) {
  const std::int64_t id = TRY(id_of(exchange));
  return app.shelf.with([&](ChatStore& store) -> Result<ConversationInfo> {
    TRY(store.set_deleted(id, false));
    return store.info(id);
  });
}

Reply file(std::string type, std::string name, std::string body) {
  Reply reply{200, std::move(type), std::move(body), {}};
  reply.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + name + "\"");
  return reply;
}

Result<Reply> exported(const Exchange& exchange, App& app) {
  const bool markdown = TRY(read_choice(exchange.request().query, "format", "json", "markdown"));
  const Conversation conversation = TRY(loaded(exchange, app));
  const std::string name = "conversation-" + std::to_string(conversation.id);
  if (markdown) {
    return file("text/markdown; charset=utf-8", name + ".md", export_markdown(conversation));
  }
  return file("application/json", name + ".json", dump(export_json(conversation)));
}

/// Tells those who watch, too.
template <typename Work>
asio::awaitable<void> send_changed(Exchange& exchange, App& app, Work work) {
  const auto info = co_await offload(app.blocking, work);
  if (!info.ok()) co_return co_await exchange.send(info.error());
  app.shelf.touch();
  app.live.tell(info->id, info_event(*info));
  Reply reply = json_reply(to_json(*info));
  co_await exchange.send(std::move(reply));
}

}  // namespace

asio::awaitable<void> list(Exchange& exchange, App& app) {
  return send_made(exchange, app.blocking, [&exchange, &app, running = app.live.conversations()] {
    return listed(exchange, app, running);
  });
}

asio::awaitable<void> create(Exchange& exchange, App& app) {
  return send_made(exchange, app.blocking, [&] { return created(exchange, app); });
}

asio::awaitable<void> import_one(Exchange& exchange, App& app) {
  return send_made(exchange, app.blocking, [&] { return imported(exchange, app); });
}

asio::awaitable<void> export_one(Exchange& exchange, App& app) {
  return send_made(exchange, app.blocking, [&] { return exported(exchange, app); });
}

asio::awaitable<void> show(Exchange& exchange, App& app) {
  auto conversation = co_await offload(app.blocking, [&] { return loaded(exchange, app); });
  if (!conversation.ok()) co_return co_await exchange.send(conversation.error());
  Reply reply = shown(app, std::move(conversation).value());
  co_await exchange.send(std::move(reply));
}

asio::awaitable<void> change(Exchange& exchange, App& app) {
  return send_changed(exchange, app, [&] { return changed(exchange, app); });
}

asio::awaitable<void> restore(Exchange& exchange, App& app) {
  return send_changed(exchange, app, [&] { return restored(exchange, app); });
}

asio::awaitable<void> remove(Exchange& exchange, App& app) {
  const auto id = co_await offload(app.blocking, [&] { return removed(exchange, app); });
  if (!id.ok()) co_return co_await exchange.send(id.error());
  for (const auto& answer : app.live.answers_in(*id)) answer->feed->cancel();
  app.live.tell(*id, sse("deleted", {{"id", *id}}));
  app.live.end(*id);
  app.shelf.touch();
  Reply reply = json_reply(Json::object());
  co_await exchange.send(std::move(reply));
}

}  // namespace tenfold::server::conversations
