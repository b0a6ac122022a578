#include "server/app/bench/bench_request.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/app/several_models.h"

namespace tenfold::server::bench {
namespace {

constexpr std::size_t most_lengths = 8;
constexpr int most_repetitions = 100;

void take_lengths(BodyReader& reader, const char* field, int least, std::vector<int>& lengths) {
  reader.optional(field, lengths);
  const bool good = lengths.size() <= most_lengths && std::ranges::all_of(lengths, [&](int length) {
                      return length >= least && length <= most_tokens;
                    });
  if (!good) {
    reader.keep(fail(ErrorCode::invalid_argument,
                     fmt::format("{} must be at most {} numbers of tokens", field, most_lengths)));
  }
}

}  // namespace

Result<BenchPlan> read_plan(const Json& json) {
  BenchPlan plan;
  BodyReader reader(json, "");
  reader.optional("name", plan.name);
  take_models(reader, plan.models);
  take_lengths(reader, "prompt_tokens", 1, plan.speed.prompt_tokens);
  take_lengths(reader, "generate_tokens", 1, plan.speed.generate_tokens);
  take_lengths(reader, "depths", 0, plan.speed.depths);
  take_number(reader, "repetitions", 1, most_repetitions, plan.speed.repetitions);
  take_load(reader, plan.threads, plan.context_size);
  TRY(reader.finish());
  const SpeedPlan& speed = plan.speed;
  if (speed.depths.empty() || (speed.prompt_tokens.empty() && speed.generate_tokens.empty())) {
    return fail(ErrorCode::invalid_argument, "there is nothing to measure",
                "give prompt_tokens or generate_tokens; depths may be absent, but not empty");
  }
  return plan;
}

}  // namespace tenfold::server::bench
