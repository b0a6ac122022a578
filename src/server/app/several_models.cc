#include "server/app/several_models.h"

#include <fmt/format.h>

#include "service/service.h"

namespace tenfold::server {
namespace {

constexpr std::size_t most_models = 50;
constexpr int most_threads = 1024;

}  // namespace

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

void take_load(BodyReader& reader, int& threads, int& context_size) {
  take_number(reader, "threads", 0, most_threads, threads);
  take_number(reader, "context_size", 0, most_tokens, context_size);
}

void take_number(BodyReader& reader, const char* field, int least, int most, int& out) {
  reader.optional(field, out);
  if (out >= least && out <= most) return;
  reader.keep(fail(ErrorCode::invalid_argument,
                   fmt::format("{} must be from {} to {}", field, least, most)));
}

OpenModel models_of(ModelStore store) {
  return [store = std::move(store)](
             const BenchModel& model, const LoadOptions& options,
             const std::function<bool()>& go_on) mutable -> Result<OpenedModel> {
    return open_choice(TRY(choose_engine(store, model.model, model.engine)), options,
                       [&](double) { return go_on(); });
  };
}

}  // namespace tenfold::server
