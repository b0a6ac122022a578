// Decode speed of several answers at once on one model, in this process or through a worker.
//   parallel_streams MODEL [WORKER_PROGRAM]
// Counts the tokens of all answers from the first delta of the last one to start until the end of
// the first one to end, so that all run all the time.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engines/llama_cpp/llama_cpp_engine.h"
#include "worker/remote_engine.h"

namespace {

using namespace tenfold;
using Clock = std::chrono::steady_clock;

constexpr int generated_tokens = 128;
constexpr int most_streams = 8;

/// Tokens per second of all streams together.
Result<double> decode_speed(Engine& engine, int streams) {
  std::mutex mutex;
  std::vector<Clock::time_point> deltas;
  Clock::time_point begin{};
  Clock::time_point end = Clock::time_point::max();
  std::optional<Error> error;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < streams; ++i) {
      threads.emplace_back([&, i] {
        Request request;
        request.prompt = "Story number " + std::to_string(i) + ": Once upon a time";
        request.sampling.temperature = 0;
        request.max_tokens = generated_tokens;
        request.ignore_end = true;
        bool first = true;
        const auto answer = engine.stream(request, [&](const Delta&) {
          const std::lock_guard lock(mutex);
          deltas.push_back(Clock::now());
          if (std::exchange(first, false)) begin = deltas.back();
        });
        const std::lock_guard lock(mutex);
        end = std::min(end, Clock::now());
        if (!answer.ok()) error = answer.error();
      });
    }
  }
  if (error) return *error;
  const auto counted = std::count_if(deltas.begin(), deltas.end(),
                                     [&](auto time) { return time > begin && time <= end; });
  return static_cast<double>(counted) / std::chrono::duration<double>(end - begin).count();
}

Result<void> measure(Engine& engine, const std::string& model) {
  LoadOptions options;
  options.sequences = most_streams;
  options.context_size = 1024;
  TRY(engine.initialize(model, options, {}));
  TRY(decode_speed(engine, 1));
  double alone = 0;
  for (const int streams : {1, 2, 4, most_streams}) {
    const double speed = TRY(decode_speed(engine, streams));
    if (streams == 1) alone = speed;
    fmt::print("{} streams: {:7.2f} tok/s, x{:.2f}\n", streams, speed, speed / alone);
  }
  return {};
}

Result<void> run(const std::string& model, const std::string& worker) {
  const auto engine =
      worker.empty() ? make_llama_cpp_engine() : TRY(open_remote_engine({.executable = worker}));
  return measure(*engine, model);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: parallel_streams MODEL [WORKER_PROGRAM]\n");
    return 2;
  }
  const Result<void> result = run(argv[1], argc > 2 ? argv[2] : "");
  if (result.ok()) return 0;
  fmt::print(stderr, "parallel_streams: {}\n", result.error().message);
  return 1;
}
