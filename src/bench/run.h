// A benchmark of several models and engines: what is measured, and what came of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/speed.h"
#include "engine/json.h"

namespace tenfold {

struct BenchModel {
  std::string model;
  std::string engine;  ///< id; empty: the first that opens the model
};

struct BenchPlan {
  std::string name;
  std::vector<BenchModel> models;
  SpeedPlan speed{{128, 512, 2048}, {64}, 3};
  int threads = 0;       ///< 0: one per physical core
  int context_size = 0;  ///< tokens; 0: what the longest run needs
};

/// One kind of number, whatever it is: those who show them need not know it.
struct Metric {
  std::string name;   ///< "pp512", "ttft512", "peak_memory"
  std::string title;  ///< for people
  std::string unit;   ///< "tok/s", "s", "bytes"
  bool higher_is_better = true;
  std::vector<double> samples;
};

/// Of one model.
struct BenchRow {
  enum class State { waiting, running, done, failed, cancelled };
  BenchModel asked;
  std::string engine;  ///< that ran it; until then what was asked for
  std::string engine_version = {};
  ModelInfo info = {};
  State state = State::waiting;
  std::optional<Error> error = {};
  std::vector<Metric> metrics = {};
};

struct BenchRun {
  enum class State { running, done, failed, cancelled };
  std::int64_t id = 0;
  BenchPlan plan;
  State state = State::running;
  std::int64_t created = 0;                ///< seconds since 1970
  std::optional<std::int64_t> ended = {};  ///< seconds since 1970
  std::string step = {};                   ///< what is measured now
  int done = 0;                            ///< steps
  std::vector<BenchRow> rows = {};
  std::optional<Error> error = {};
};

/// The numbers of one model.
std::vector<Metric> metrics_of(const SpeedReport& report, const ModelInfo& info);

/// Tokens that the longest run of the plan takes.
int longest_run(const SpeedPlan& plan);

Json to_json(const BenchRun& run);

/// One line for each metric, with a header; of the form of to_json(BenchRun).
std::string to_csv(const Json& run);

}  // namespace tenfold
