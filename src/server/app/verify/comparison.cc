#include "server/app/verify/comparison.h"

#include <utility>

#include "base/barrier.h"

namespace tenfold::server::verify {

Comparison::Comparison(Scheduler& scheduler, const VerifyRequest& request,
                       std::vector<VerifiedRun> runs, OpenModel open)
    : scheduler_(scheduler),
      open_(std::move(open)),
      runs_(std::move(runs)),
      verification_(
          request.max_tokens,
          [this](const VerifiedRun& run, const auto& go_on) { return this->open(run, go_on); },
          [this](const VerifiedRun& run, const std::string& step) { tell(run, step); }) {
  options_.threads = request.threads;
  options_.context_size = request.context_size;
}

void Comparison::perform() {
  Result<Json> end = barrier("the comparison", [this] { return compare(); });
  const std::lock_guard lock(mutex_);
  news_.end = std::move(end);
}

Result<Json> Comparison::compare() {
  TRY(scheduler_.hold(
      fail(ErrorCode::busy, "a comparison has the machine to itself", "wait for its end")));
  const Result<void> checked =
      barrier("the comparison", [this] { return verification_.check(runs_); });
  scheduler_.release();
  if (!checked.ok()) return checked.error();
  return to_json(runs_);
}

Result<OpenedModel> Comparison::open(const VerifiedRun& run, const std::function<bool()>& go_on) {
  tell(run, "loading");
  return open_({run.resolved.path.string(), std::string(run.engine->id)}, options_, go_on);
}

void Comparison::tell(const VerifiedRun& run, const std::string& step) {
  const std::lock_guard lock(mutex_);
  news_.progress.push_back({{"model", run.model}, {"engine", run.engine->id}, {"step", step}});
}

Comparison::News Comparison::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(news_, {});
}

}  // namespace tenfold::server::verify
