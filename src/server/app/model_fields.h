// The fields of what is done to several models, one after the other.
#pragma once

#include <vector>

#include "bench/run.h"
#include "server/apis/fields.h"

namespace tenfold::server::bench {

inline constexpr int most_tokens = 1 << 20;

/// "models": 1 to 50, each with a name and, if need be, an engine.
void take_models(BodyReader& reader, std::vector<BenchModel>& models);

/// "threads" and "context_size".
void take_load(BodyReader& reader, int& threads, int& context_size);

/// Absent: `out` stays.
void take_number(BodyReader& reader, const char* field, int least, int most, int& out);

}  // namespace tenfold::server::bench
