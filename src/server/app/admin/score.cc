// POST /api/v1/score, POST /api/v1/tokenize
#include <cmath>
#include <numeric>

#include "server/apis/answers/work.h"
#include "server/apis/models.h"
#include "server/app/admin/admin_handlers.h"
#include "server/app/admin/admin_request.h"
#include "server/http/offload.h"

namespace tenfold::server::admin {
namespace {

namespace asio = boost::asio;

struct Looked {
  LoadedModel model;
  std::vector<TokenId> tokens;
  std::vector<double> logprobs;  ///< of each token but the first; empty unless scored
};

enum class Wanted { tokens, logprobs };

Result<PromptFields> read(const Exchange& exchange, const App& app, Wanted wanted) {
  const Json json = TRY(exchange.json());
  PromptFields fields = wanted == Wanted::logprobs
                            ? TRY(read_score(json))
                            : TRY(read_tokenize(json, exchange.request().body, app.limits));
  TRY(settle_model(app, fields.use, {&fields.request, 1}));
  return fields;
}

WorkTask task_for(const PromptFields& fields, std::string client, Wanted wanted, Looked& out) {
  WorkTask task{fields.use, std::move(client), {}, {}};
  task.work = [&fields, wanted, &out](Engine& engine, const LoadedModel& model,
                                      const std::stop_token& stop) -> Result<void> {
    out.model = model;
    out.tokens = TRY(engine.prepare(fields.request.prompt, stop)).tokens;
    if (wanted == Wanted::tokens) return {};
    if (out.tokens.size() < 2) {
      return fail(ErrorCode::invalid_argument, "the text is too short to score: it is one token",
                  "give at least two tokens");
    }
    out.logprobs = TRY(engine.score(out.tokens, stop));
    return {};
  };
  task.counts_as_answer = wanted == Wanted::logprobs;
  return task;
}

Json model_json(const LoadedModel& model) {
  return {
      {"model", model.name}, {"engine", model.engine}, {"engine_version", model.engine_version}};
}

/// JSON has no infinity, which the logarithm of an impossible token's probability is.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Reply score_reply(const Looked& looked) {
  Json tokens = Json::array({{{"id", looked.tokens[0]}, {"logprob", nullptr}}});
  for (std::size_t i = 0; i < looked.logprobs.size(); ++i) {
    tokens.push_back({{"id", looked.tokens[i + 1]}, {"logprob", number(looked.logprobs[i])}});
  }
  const double total = std::accumulate(looked.logprobs.begin(), looked.logprobs.end(), 0.0);
  const double mean = total / static_cast<double>(looked.logprobs.size());
  Json json = model_json(looked.model);
  json["tokens"] = std::move(tokens);
  json["total_logprob"] = number(total);
  json["mean_logprob"] = number(mean);
  json["perplexity"] = number(std::exp(-mean));
  return json_reply(json);
}

Reply tokens_reply(const Looked& looked) {
  Json json = model_json(looked.model);
  json["count"] = looked.tokens.size();
  json["tokens"] = looked.tokens;
  return json_reply(json);
}

asio::awaitable<void> look(Exchange& exchange, App& app, Wanted wanted) {
  const auto fields = co_await offload(app.blocking, [&] { return read(exchange, app, wanted); });
  if (!fields.ok()) co_return co_await exchange.send(fields.error());
  Looked looked;
  WorkTask task = task_for(*fields, exchange.request().client, wanted, looked);
  const auto done = co_await run_work(exchange, app, std::move(task));
  if (!done.ok()) co_return co_await exchange.send(done.error());
  Reply reply;
  if (wanted == Wanted::logprobs) reply = score_reply(looked);
  if (wanted == Wanted::tokens) reply = tokens_reply(looked);
  co_await exchange.send(std::move(reply));
}

}  // namespace

asio::awaitable<void> score(Exchange& exchange, App& app) {
  return look(exchange, app, Wanted::logprobs);
}

asio::awaitable<void> tokenize(Exchange& exchange, App& app) {
  return look(exchange, app, Wanted::tokens);
}

}  // namespace tenfold::server::admin
