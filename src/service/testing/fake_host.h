// Models and engines for the tests of the scheduler, in this process and under their control.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "service/model_host.h"

namespace tenfold {

/// Every model needs the bytes set in `memory`, else 100; "missing" is not found, "broken" dies
/// while it loads, "alias" is the file of "a", "stuck" saves what it keeps until it is told
/// to stop.
///
/// Prompts, or last messages: "words N" streams the tokens 0 … N-1 as words "w0 w1 …", going on
/// after Request::answered; "read N" first tells of a prompt it reads, "fall N" dies before it says
/// anything; "wait NAME" says "w0 " and then waits until open(NAME), its stop token,
/// or its deadline; "deaf NAME" heeds open(NAME) alone; "die N" does as "words 10", but the worker
/// dies after the token N (or the first new one), as often as `deaths` says for its engine; "share
/// N" does as "words N", but not before the worker has died once, and dies of that; "sampling" says
/// as JSON how it was asked to sample. An answer that is to be continued gets one word more.
class FakeHost : public ModelHost {
 public:
  Result<ModelPlan> plan(const ModelUse& use, int sequences) override;
  Result<StartedEngine> start(const std::string& engine) override;
  [[nodiscard]] TimePoint now() const override;

  /// Lets "wait NAME" go on.
  void open(const std::string& name);
  /// From now on the engine fails to load.
  void fail_engine(const std::string& id);
  /// The clock stands still from now on, but for these jumps.
  void advance(std::chrono::milliseconds time);
  /// What the worker of a model holds from now on; 0 until then.
  void measure(const std::string& model, std::uint64_t bytes);
  /// What engines were asked: "load a", "answer <prompt>", "unload a".
  [[nodiscard]] std::vector<std::string> log() const;

  // Set before use.
  std::map<std::string, std::uint64_t> memory;
  std::map<std::string, int> deaths;  ///< that prompts "die" of an engine still cause
  int most_sequences = 1;
  bool resumes = true;  ///< Capabilities::resumes of its engines

 private:
  friend class FakeHostEngine;
  void write(const std::string& line);
  [[nodiscard]] bool fails(const std::string& id) const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> open_;
  std::set<std::string> failing_;
  std::map<std::string, std::uint64_t> measured_;
  std::atomic<int> loads_ = 0;
  int died_ = 0;
  std::vector<std::string> log_;
  std::optional<TimePoint> clock_;
};

}  // namespace tenfold
