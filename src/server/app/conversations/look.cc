// POST /api/v1/conversations/{id}/prompt
#include "server/app/conversations/look.h"

#include "base/files.h"
#include "server/apis/answers/work.h"
#include "server/app/conversations/conversation_handlers.h"
#include "server/app/conversations/plan.h"
#include "server/app/query.h"
#include "server/http/offload.h"

namespace tenfold::server::conversations {
namespace {

namespace asio = boost::asio;

struct Asked {
  Look look;
  bool tokens = true;
};

struct Seen {
  LoadedModel model;
  PreparedPrompt prompt;
  std::optional<std::int64_t> first_fitting;
};

Result<Asked> read(const Exchange& exchange, App& app) {
  const std::int64_t id = TRY(read_id(exchange.request().parameters.at("id")));
  const Ask ask = TRY(read_look(TRY(exchange.json())));
  return Asked{TRY(plan_look(app, id, ask)), ask.tokens};
}

Result<void> see(Engine& engine, const Look& look, Seen& seen) {
  const auto& whole = std::get<ChatPrompt>(look.plan.request.prompt);
  if (whole.messages.empty()) {
    return fail(ErrorCode::invalid_argument, "the conversation is empty", "give content");
  }
  seen.prompt = TRY(engine.prepare(whole));
  const int context = seen.model.info.context_size;
  if (seen.prompt.tokens.size() < static_cast<std::size_t>(context)) return {};
  seen.first_fitting = TRY(first_fitting(look.branch, context, [&](std::size_t from) {
    std::vector<const ChatMessage*> part;
    for (std::size_t i = from; i < look.branch.size(); ++i) part.push_back(&look.branch[i]);
    const auto prepared =
        engine.prepare(ChatPrompt(prompt_messages(look.system, part), whole.tools));
    return prepared.ok() ? Result<std::size_t>(prepared->tokens.size())
                         : Result<std::size_t>(prepared.error());
  }));
  return {};
}

Json token_rows(const PreparedPrompt& prompt) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < prompt.tokens.size(); ++i) {
    const bool known = i < prompt.pieces.size() && is_valid_utf8(prompt.pieces[i]);
    rows.push_back({{"id", prompt.tokens[i]}, {"text", known ? Json(prompt.pieces[i]) : Json()}});
  }
  return rows;
}

}  // namespace

Result<std::optional<std::int64_t>> first_fitting(
    const std::vector<ChatMessage>& branch, int context,
    const std::function<Result<std::size_t>(std::size_t from)>& count) {
  std::vector<std::size_t> questions;
  for (std::size_t i = 0; i < branch.size(); ++i) {
    if (branch[i].role == "user") questions.push_back(i);
  }
  // All from `fits` on fit.
  std::size_t misfits = 0;
  std::size_t fits = questions.size();
  while (misfits < fits) {
    const std::size_t middle = (misfits + fits) / 2;
    if (TRY(count(questions[middle])) < static_cast<std::size_t>(context)) {
      fits = middle;
    } else {
      misfits = middle + 1;
    }
  }
  // A question that is not stored yet has no id.
  if (fits == questions.size() || branch[questions[fits]].id == 0) {
    return std::optional<std::int64_t>();
  }
  return std::optional(branch[questions[fits]].id);
}

Json look_json(const LoadedModel& model, const PreparedPrompt& prompt, bool with_tokens,
               const std::optional<std::int64_t>& first_fitting) {
  const auto& about = model.info;
  const auto tokens = static_cast<std::int64_t>(prompt.tokens.size());
  const std::int64_t room = about.context_size - tokens;
  return {{"model", model.name},
          {"engine", model.engine},
          {"engine_version", model.engine_version},
          {"text", with_tokens ? Json(prompt.text) : Json()},
          {"tokens", with_tokens ? token_rows(prompt) : Json()},
          {"template", about.chat_template.empty() ? Json() : Json(about.chat_template)},
          {"prompt_tokens", tokens},
          {"context_size", about.context_size},
          {"room", room},
          {"fits", room > 0},
          {"first_fitting", first_fitting ? Json(*first_fitting) : Json()}};
}

asio::awaitable<void> look(Exchange& exchange, App& app) {
  auto asked = co_await offload(app.blocking, [&] { return read(exchange, app); });
  if (!asked.ok()) co_return co_await exchange.send(asked.error());
  Seen seen;
  WorkTask task{asked->look.plan.use, exchange.request().client, {}, {}};
  task.work = [&](Engine& engine, const LoadedModel& model,
                  const std::stop_token&) -> Result<void> {
    seen.model = model;
    return see(engine, asked->look, seen);
  };
  const auto done = co_await run_work(exchange, app, std::move(task));
  if (!done.ok()) co_return co_await exchange.send(done.error());
  Reply reply = json_reply(look_json(seen.model, seen.prompt, asked->tokens, seen.first_fitting));
  co_await exchange.send(std::move(reply));
}

}  // namespace tenfold::server::conversations
