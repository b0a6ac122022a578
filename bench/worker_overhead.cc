// Decode speed through the worker process against the same engine in-process, alternating.
//   worker_overhead MODEL WORKER_PROGRAM [ROUNDS]
// Speeds are taken at the caller, from the first delta to the end of the answer.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "engines/llama_cpp/llama_cpp_engine.h"
#include "worker/remote_engine.h"

namespace {

using namespace tenfold;
using Clock = std::chrono::steady_clock;

constexpr int generated_tokens = 128;

Result<double> decode_speed(Engine& engine) {
  Request request;
  request.prompt = std::string("Once upon a time");
  request.sampling.temperature = 0;
  request.max_tokens = generated_tokens;
  request.ignore_end = true;
  Clock::time_point first;
  int deltas = 0;
  const Answer answer = TRY(engine.stream(request, [&](const Delta&) {
    if (deltas++ == 0) first = Clock::now();
  }));
  const std::chrono::duration<double> elapsed = Clock::now() - first;
  return (answer.usage.generated_tokens - 1) / elapsed.count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Result<void> compare(const std::string& model, const std::string& worker, int rounds) {
  const auto direct = make_llama_cpp_engine();
  const auto remote = TRY(open_remote_engine({.executable = worker}));
  std::vector<double> direct_speeds, remote_speeds, ratios;
  for (int round = 0; round < rounds; ++round) {
    // Only one of the two is loaded at a time: their spinning threads would disturb each other.
    TRY(direct->initialize({.path = model}, {}, {}));
    TRY(decode_speed(*direct));
    direct_speeds.push_back(TRY(decode_speed(*direct)));
    direct->cleanup();
    TRY(remote->initialize({.path = model}, {}, {}));
    TRY(decode_speed(*remote));
    remote_speeds.push_back(TRY(decode_speed(*remote)));
    remote->cleanup();
    ratios.push_back(remote_speeds.back() / direct_speeds.back());
    fmt::print("round {:2}: in-process {:7.2f} tok/s, worker {:7.2f} tok/s, ratio {:.3f}\n",
               round + 1, direct_speeds.back(), remote_speeds.back(), ratios.back());
  }
  fmt::print(
      "median: in-process {:.2f} tok/s, worker {:.2f} tok/s, ratio of medians {:.3f}, median ratio "
      "{:.3f}\n",
      median(direct_speeds), median(remote_speeds), median(remote_speeds) / median(direct_speeds),
      median(ratios));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: worker_overhead MODEL WORKER_PROGRAM [ROUNDS]\n");
    return 2;
  }
  const Result<void> result =
      compare(argv[1], argv[2], argc > 3 ? std::max(1, std::atoi(argv[3])) : 10);
  if (result.ok()) return 0;
  fmt::print(stderr, "worker_overhead: {}\n", result.error().message);
  return 1;
}
