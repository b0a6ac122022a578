#include "key_check.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/barrier.h"
#include "base/thread.h"

namespace tenfold::picollm {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds glance{250};

/// What this process may read between two glances without a file: the host's pings, and
/// bytes_copied() itself.
constexpr std::int64_t talk_bytes = 4096;

/// What calls of this process have read, also from file systems without a block device (FUSE, a
/// network's); 0 where the system does not tell. See proc_pid_io(5).
std::int64_t bytes_copied() {
  std::ifstream file("/proc/self/io");
  std::string name;
  std::int64_t bytes = 0;
  return file >> name >> bytes && name == "rchar:" ? bytes : 0;
}

/// Of this process. What it takes to ask is no work.
class Activity {
 public:
  bool operator()() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto now = Clock::now();
    const auto computed = time_of(usage.ru_utime) + time_of(usage.ru_stime);
    const long read = usage.ru_inblock + usage.ru_majflt;
    const std::int64_t copied = bytes_copied();
    const bool is_busy = read != read_ || copied > copied_ + talk_bytes ||
                         (computed - computed_) * 20 > now - asked_;
    asked_ = now;
    computed_ = computed;
    read_ = read;
    copied_ = copied;
    return is_busy;
  }

 private:
  static std::chrono::microseconds time_of(const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  }

  Clock::time_point asked_ = Clock::now();
  std::chrono::microseconds computed_{0};
  long read_ = 0;
  std::int64_t copied_ = 0;
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

/// Lets the thread go on by itself where nobody has joined it.
struct LeftAlone {
  std::jthread& thread;
  explicit LeftAlone(std::jthread& to_leave) : thread(to_leave) {}
  LeftAlone(const LeftAlone&) = delete;
  LeftAlone& operator=(const LeftAlone&) = delete;
  ~LeftAlone() {
    if (thread.joinable()) thread.detach();
  }
};

}  // namespace

std::function<bool()> activity_of_this_process() { return Activity(); }

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
  // The waiting may throw, and an end of `thread` that joins would wait for the call after all.
  const LeftAlone left{thread};
  TRY(wait_for_key_check({wait, activity_of_this_process(), std::move(go_on)}, settings.path));
  thread.join();
  return std::move(*opening->result);
}

}  // namespace tenfold::picollm
