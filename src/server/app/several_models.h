// What is done to several models, one after the other: its fields, and how each is opened.
#pragma once

#include <functional>
#include <vector>

#include "bench/run.h"
#include "engine/opened_model.h"
#include "models/store.h"
#include "server/apis/fields.h"

namespace tenfold::server {

inline constexpr int most_tokens = 1 << 20;

/// "models": 1 to 50, each with a name and, if need be, an engine.
void take_models(BodyReader& reader, std::vector<BenchModel>& models);

/// "threads" and "context_size".
void take_load(BodyReader& reader, int& threads, int& context_size);

/// Absent: `out` stays.
void take_number(BodyReader& reader, const char* field, int least, int most, int& out);

/// Loads a model in a worker of its own. Ends with `cancelled` when `go_on` says false. Blocks.
using OpenModel = std::function<Result<OpenedModel>(
    const BenchModel& model, const LoadOptions& options, const std::function<bool()>& go_on)>;
/// For the models of `store`.
OpenModel models_of(ModelStore store);

}  // namespace tenfold::server
