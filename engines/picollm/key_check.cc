#include "key_check.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "base/barrier.h"
#include "base/thread.h"

namespace tenfold::picollm {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds glance{250};

/// Of this process. What it takes to ask is no work.
class Activity {
 public:
  bool operator()() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto now = Clock::now();
    const auto computed = time_of(usage.ru_utime) + time_of(usage.ru_stime);
    const long read = usage.ru_inblock + usage.ru_majflt;
    const bool is_busy = read != read_ || (computed - computed_) * 20 > now - asked_;
    asked_ = now;
    computed_ = computed;
    read_ = read;
    return is_busy;
  }

 private:
  static std::chrono::microseconds time_of(const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  }

  Clock::time_point asked_ = Clock::now();
  std::chrono::microseconds computed_{0};
  long read_ = 0;
};

/// Shared with a call that may outlive whoever wanted it.
struct Opening {
  std::mutex mutex;
  std::condition_variable ended;
  std::optional<Result<std::unique_ptr<Model>>> result;

  void end(Result<std::unique_ptr<Model>> with) {
    const std::lock_guard lock(mutex);
    result = std::move(with);
    ended.notify_all();
  }
};

}  // namespace

Result<void> wait_for_key_check(const Watch& watch, const std::string& model) {
  milliseconds silence{0};
  while (!watch.wait(glance)) {
    if (!watch.go_on()) return fail(ErrorCode::cancelled, "cancelled while the model was loaded");
    silence = watch.was_busy() ? milliseconds(0) : silence + glance;
    if (silence < longest_silence) continue;
    return fail(ErrorCode::network,
                fmt::format("picoLLM cannot load {}: nobody has said for {} minutes whether the "
                            "AccessKey is valid",
                            model, longest_silence.count()),
                let_it_reach_the_server);
  }
  return {};
}

Result<std::unique_ptr<Model>> open_model(const ModelSettings& settings,
                                          std::function<bool()> go_on) {
  const auto opening = std::make_shared<Opening>();
  auto thread = TRY(start_thread(
      [opening, settings] {
        opening->end(barrier("picoLLM", [&] { return Model::open(settings); }));
      },
      [opening](const Error& error) { opening->end(error); }));
  const auto wait = [&](milliseconds time) {
    std::unique_lock lock(opening->mutex);
    return opening->ended.wait_for(lock, time, [&] { return opening->result.has_value(); });
  };
  const auto waited = wait_for_key_check({wait, Activity(), std::move(go_on)}, settings.path);
  if (!waited.ok()) {
    thread.detach();
    return waited.error();
  }
  thread.join();
  return std::move(*opening->result);
}

}  // namespace tenfold::picollm
