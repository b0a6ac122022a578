#include "server/app/bench/runner.h"

#include <fmt/format.h>

#include <chrono>

#include "base/barrier.h"
#include "base/paths.h"

namespace tenfold::server::bench {
namespace {

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Error cancelled() { return fail(ErrorCode::cancelled, "the benchmark was cancelled"); }

/// A run that an earlier server left unfinished.
void end_left(Json& run) {
  if (run.value("state", "") != "running") return;
  run["state"] = "failed";
  run["error"] = to_json(
      fail(ErrorCode::internal, "the server ended before the benchmark did", "start it again"));
}

}  // namespace

Runner::~Runner() {
  stop();
  const std::lock_guard starting(start_mutex_);
  join();
}

void Runner::join() {
  if (thread_.joinable()) thread_.join();
}

/// history_mutex_ is held.
Result<BenchHistory*> Runner::history() {
  if (!history_) history_ = TRY(BenchHistory::open((data_folder() / "benchmarks.db").string()));
  return &*history_;
}

Result<Json> Runner::start(BenchPlan plan) {
  const std::unique_lock starting(start_mutex_, std::try_to_lock);
  if (!starting.owns_lock() || running()) {
    return fail(ErrorCode::busy, "a benchmark runs already", "wait for its end, or cancel it");
  }
  join();
  TRY(scheduler_.hold(fail(ErrorCode::busy, "a benchmark has the machine to itself",
                           "wait for its end, or cancel it")));
  auto begun = barrier("the benchmark", [&] { return begin(std::move(plan)); });
  if (!begun.ok()) leave();
  return begun;
}

/// The machine is held.
Result<Json> Runner::begin(BenchPlan plan) {
  BenchRun run;
  run.created = now();
  for (const BenchModel& model : plan.models) run.rows.push_back({model, model.engine});
  run.plan = std::move(plan);
  {
    const std::lock_guard lock(history_mutex_);
    run.id = TRY(TRY(history())->add());
  }
  const Json json = to_json(run);
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = stopped_;
    run_ = std::move(run);
  }
  save();
  thread_ = std::thread([this] { perform(); });
  return json;
}

bool Runner::stopping() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

template <typename Change>
void Runner::change(const Change& change) {
  const std::lock_guard lock(mutex_);
  change(*run_);
}

void Runner::save() {
  Json json;
  std::int64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    json = to_json(*run_);
    id = run_->id;
  }
  const std::lock_guard lock(history_mutex_);
  const auto opened = history();
  const auto saved = opened.ok() ? (*opened)->save(id, json) : Result<void>(opened.error());
  if (!saved.ok()) fmt::print(stderr, "tenfold serve: {}\n", saved.error().message);
}

/// Gives the machine back.
void Runner::leave() {
  scheduler_.release();
  const std::lock_guard lock(mutex_);
  run_.reset();
}

void Runner::perform() {
  const auto done = barrier("the benchmark", [this]() -> Result<void> {
    measure_all();
    return {};
  });
  if (!done.ok()) fmt::print(stderr, "tenfold serve: {}\n", done.error().message);
  leave();
}

void Runner::measure_all() {
  std::size_t count = 0;
  change([&](const BenchRun& run) { count = run.rows.size(); });
  for (std::size_t i = 0; i < count; ++i) {
    BenchRow row;
    change([&](BenchRun& run) {
      run.rows[i].state = BenchRow::State::running;
      row = run.rows[i];
    });
    const auto measured = stopping() ? Result<void>(cancelled())
                                     : barrier("the measurement", [&] { return measure(row); });
    row.state = BenchRow::State::done;
    if (!measured.ok()) {
      const bool ended = measured.error().code == ErrorCode::cancelled;
      row.state = ended ? BenchRow::State::cancelled : BenchRow::State::failed;
      if (!ended) row.error = measured.error();
    }
    change([&](BenchRun& run) {
      run.done = static_cast<int>(i + 1) * speed_steps(run.plan.speed);
      run.rows[i] = row;
    });
    save();
  }
  change([&](BenchRun& run) {
    run.step.clear();
    run.ended = now();
    run.state = cancelled_ ? BenchRun::State::cancelled : BenchRun::State::done;
  });
  save();
}

Result<void> Runner::measure(BenchRow& row) {
  BenchPlan plan;
  change([&](BenchRun& run) {
    run.step = "loading " + row.asked.model;
    plan = run.plan;
  });
  LoadOptions options;
  options.threads = plan.threads;
  options.context_size = plan.context_size > 0 ? plan.context_size : longest_run(plan.speed);
  OpenedModel opened = TRY(open_(row.asked, options, [this] { return !stopping(); }));
  row.engine = opened.engine->name();
  row.engine_version = opened.engine->capabilities().version;
  row.info = opened.info;
  const auto leave_engine = [this](Engine*) {
    const std::lock_guard lock(mutex_);
    engine_ = nullptr;
  };
  const std::unique_ptr<Engine, decltype(leave_engine)> measuring(opened.engine.get(),
                                                                  leave_engine);
  {
    const std::lock_guard lock(mutex_);
    engine_ = measuring.get();
  }
  const auto report =
      measure_speed(*opened.engine, opened.info, plan.speed, [&](const std::string& step) {
        change([&](BenchRun& run) {
          run.step = fmt::format("{} on {}: {}", row.asked.model, row.engine, step);
          ++run.done;
        });
        return !stopping();
      });
  row.metrics = metrics_of(TRY(report), opened.info);
  return {};
}

Result<Json> Runner::cancel(std::int64_t id) {
  {
    const std::lock_guard lock(mutex_);
    if (run_ && run_->id == id) {
      cancelled_ = true;
      if (engine_ != nullptr) engine_->cancel();
      return to_json(*run_);
    }
  }
  return find(id);
}

Result<void> Runner::remove(std::int64_t id) {
  TRY(cancel(id));
  if (running() == id) {
    const std::lock_guard starting(start_mutex_);
    join();
  }
  const std::lock_guard lock(history_mutex_);
  return TRY(history())->remove(id);
}

Result<Json> Runner::find(std::int64_t id) {
  {
    const std::lock_guard lock(mutex_);
    if (run_ && run_->id == id) return to_json(*run_);
  }
  const std::lock_guard lock(history_mutex_);
  Json run = TRY(TRY(history())->find(id));
  if (running() != id) end_left(run);
  return run;
}

Result<std::vector<Json>> Runner::list() {
  std::vector<Json> runs;
  {
    const std::lock_guard lock(history_mutex_);
    runs = TRY(TRY(history())->list());
  }
  const std::lock_guard lock(mutex_);
  for (Json& run : runs) {
    if (run_ && run["id"] == std::to_string(run_->id)) {
      run = to_json(*run_);
    } else {
      end_left(run);
    }
  }
  return runs;
}

std::optional<std::int64_t> Runner::running() const {
  const std::lock_guard lock(mutex_);
  return run_ ? std::optional(run_->id) : std::nullopt;
}

void Runner::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = cancelled_ = true;
  if (engine_ != nullptr) engine_->cancel();
}

}  // namespace tenfold::server::bench
