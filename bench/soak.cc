// Memory over a long time: loads, answers and unloads again and again, or with one load held.
//   soak loop|hold WORKER_PROGRAM MODEL MINUTES
// loop: load, 20 answers, unload; no worker may stay, and this process may not grow.
// hold: one load, then answers; the worker may not grow.
// Growth is counted from the fifth minute (or half of the time, if that is less), as the least of a
// minute's samples; the exit code is 1 at 1 % or more.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "formats/runnable.h"
#include "worker/remote_engine.h"

namespace {

using namespace tenfold;
using Clock = std::chrono::steady_clock;
using std::chrono::minutes;

constexpr int answers_per_load = 20;
constexpr int answer_tokens = 8;
constexpr double allowed_growth = 0.01;

/// Resident KiB of a process that /proc shows; 0 if it is gone.
long resident(const std::string& process) {
  std::ifstream status("/proc/" + process + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

std::vector<std::string> children() {
  std::vector<std::string> found;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream list(task.path() / "children");
    for (std::string child; list >> child;) found.push_back(child);
  }
  return found;
}

/// The least of each minute's samples, told as they come.
class Samples {
 public:
  explicit Samples(std::string of) : of_(std::move(of)) {}
  void add(std::size_t minute, long kibibytes) {
    if (minute >= least_.size()) {
      if (!least_.empty()) fmt::print("minute {}: {} {} KiB\n", least_.size(), of_, least_.back());
      std::fflush(stdout);
      least_.resize(minute + 1, kibibytes);
    }
    least_[minute] = std::min(least_[minute], kibibytes);
  }
  /// From the fifth minute to the last one.
  [[nodiscard]] double growth() const {
    const long start = least_[std::min<std::size_t>(5, least_.size() / 2)];
    return static_cast<double>(least_.back() - start) / static_cast<double>(start);
  }

 private:
  std::string of_;
  std::vector<long> least_;
};

Result<void> answer(Engine& engine, int number) {
  Request request;
  request.prompt = fmt::format("{} is a number. The next one is", number);
  request.sampling.temperature = 0;
  request.max_tokens = answer_tokens;
  request.ignore_end = true;
  TRY(engine.generate(request));
  return {};
}

Result<bool> soak(bool hold, const std::string& worker, const std::string& model, minutes time) {
  const Clock::time_point start = Clock::now();
  const auto minute = [&] { return static_cast<std::size_t>((Clock::now() - start) / minutes(1)); };
  Samples samples(hold ? "worker" : "host");
  LoadOptions options;
  options.threads = 1;
  int loads = 0, answers = 0;
  const auto engine = TRY(open_remote_engine({.executable = worker}));
  while (Clock::now() - start < time) {
    if (!hold || loads == 0) {
      TRY(engine->initialize(TRY(resolve_file(model)), options, {}));
      ++loads;
    }
    for (int i = 0; i < answers_per_load; ++i) TRY(answer(*engine, answers++));
    if (hold) {
      samples.add(minute(), resident(children().at(0)));
      continue;
    }
    engine->cleanup();
    if (const auto left = children(); !left.empty()) {
      fmt::print("left after unload: {}\n", fmt::join(left, " "));
      return false;
    }
    samples.add(minute(), resident("self"));
  }
  fmt::print("{} loads, {} answers, growth {:.3f} %\n", loads, answers, 100 * samples.growth());
  return samples.growth() < allowed_growth;
}

}  // namespace

int main(int count, char** words) {
  const std::string mode = count == 5 ? words[1] : "";
  if (mode != "loop" && mode != "hold") {
    fmt::print(stderr, "usage: soak loop|hold WORKER_PROGRAM MODEL MINUTES\n");
    return 2;
  }
  const auto flat = soak(mode == "hold", words[2], words[3], minutes(std::stoi(words[4])));
  if (!flat.ok()) {
    fmt::print(stderr, "soak: {}\n", flat.error().message);
    return 1;
  }
  return flat.value() ? 0 : 1;
}
