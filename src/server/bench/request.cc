#include "server/bench/request.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/fields.h"
#include "service/service.h"

namespace tenfold::server::bench {
namespace {

constexpr std::size_t most_models = 50;
constexpr std::size_t most_lengths = 8;
constexpr int most_tokens = 1 << 20;
constexpr int most_repetitions = 100;

void take_models(BodyReader& reader, std::vector<BenchModel>& models) {
  const Json* rows = reader.take("models");
  if (rows == nullptr || !rows->is_array() || rows->empty() || rows->size() > most_models) {
    return reader.keep(fail(ErrorCode::invalid_argument,
                            fmt::format("models must be a list of 1 to {}", most_models)));
  }
  for (const Json& row : *rows) {
    BenchModel model;
    reader.keep(BodyReader(row, fmt::format("models[{}]", models.size()))
                    .required("model", model.model)
                    .optional("engine", model.engine)
                    .finish());
    if (!model.engine.empty()) {
      const auto known = engine_named(model.engine);
      if (!known.ok()) reader.keep(known.error());
    }
    models.push_back(std::move(model));
  }
}

void take_lengths(BodyReader& reader, const char* field, std::vector<int>& lengths) {
  reader.optional(field, lengths);
  const bool good = lengths.size() <= most_lengths && std::ranges::all_of(lengths, [](int length) {
                      return length >= 1 && length <= most_tokens;
                    });
  if (!good) {
    reader.keep(fail(ErrorCode::invalid_argument,
                     fmt::format("{} must be at most {} numbers of tokens", field, most_lengths)));
  }
}

void take_number(BodyReader& reader, const char* field, int least, int most, int& out) {
  reader.optional(field, out);
  if (out >= least && out <= most) return;
  reader.keep(fail(ErrorCode::invalid_argument,
                   fmt::format("{} must be from {} to {}", field, least, most)));
}

}  // namespace

Result<BenchPlan> read_plan(const Json& json) {
  constexpr int most_threads = 1024;
  BenchPlan plan;
  BodyReader reader(json, "");
  reader.optional("name", plan.name);
  take_models(reader, plan.models);
  take_lengths(reader, "prompt_tokens", plan.speed.prompt_tokens);
  take_lengths(reader, "generate_tokens", plan.speed.generate_tokens);
  take_number(reader, "repetitions", 1, most_repetitions, plan.speed.repetitions);
  take_number(reader, "threads", 0, most_threads, plan.threads);
  take_number(reader, "context_size", 0, most_tokens, plan.context_size);
  TRY(reader.finish());
  if (plan.speed.prompt_tokens.empty() && plan.speed.generate_tokens.empty()) {
    return fail(ErrorCode::invalid_argument, "there is nothing to measure",
                "give prompt_tokens or generate_tokens");
  }
  return plan;
}

}  // namespace tenfold::server::bench
