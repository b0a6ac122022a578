// Host side of the protocol: one worker process with its socket, output, timers and end.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "worker/frame.h"
#include "worker/line_ring.h"
#include "worker/mailbox.h"
#include "worker/process.h"
#include "worker/remote_engine.h"

namespace tenfold {

/// A running worker process. Thread-safe.
///
/// All sockets, timers and signals are handled on one thread of its own, which is also the one that
/// starts the process: workers die with the thread that started them.
class WorkerClient {
 public:
  using Clock = std::chrono::steady_clock;

  /// Starts the process and waits for its hello. Fails as open_remote_engine() does.
  static Result<std::unique_ptr<WorkerClient>> start(const RemoteOptions& options);

  /// Does what close() does.
  ~WorkerClient();
  WorkerClient(const WorkerClient&) = delete;
  WorkerClient& operator=(const WorkerClient&) = delete;

  [[nodiscard]] const Capabilities& capabilities() const { return capabilities_; }

  /// False once the process is known to have ended, or is being ended. Thread-safe.
  [[nodiscard]] bool alive() const { return alive_; }

  /// -1 once it has ended.
  [[nodiscard]] pid_t pid() const { return alive_ ? pid_.load() : -1; }

  struct OpenCall {
    std::uint64_t id = 0;
    std::shared_ptr<Mailbox> mailbox;
  };
  /// Sends a call (its id is set here); its frames arrive in the mailbox, the last one being done
  /// or error, or engine_died when the process ends. A call that goes on for long beyond `deadline`
  /// is cancelled.
  OpenCall call(Json message, std::optional<Clock::time_point> deadline = {});

  /// No error of this worker repeats these texts, whatever its framework wrote about its end. To
  /// be called before they are sent.
  void hide(std::vector<std::string> secrets);

  /// Cancels a call, which ends the process if it takes too long; does nothing when the call has
  /// ended.
  void cancel(std::uint64_t id);

  /// Kills the process; calls in progress fail with `verdict`.
  void kill(Error verdict);

  /// Says unload, which cancels the calls in progress; kills the process if it has not gone within
  /// two seconds; reaps it. Returns when that is done, for the first caller; later calls fail.
  void close();

 private:
  struct Call {
    std::string type;
    std::shared_ptr<Mailbox> mailbox;
    Clock::time_point cancel_at = Clock::time_point::max();
    Clock::time_point end_by = Clock::time_point::max();  ///< set when it is cancelled
  };

  explicit WorkerClient(const RemoteOptions& options);
  Error refuse(const std::string& what);

  // Everything below runs on the thread `loop_`.
  void run();
  void give_up(const Error& error);
  void fail_calls();
  void spawn();
  void begin(std::uint64_t id, Call call, const Json& message);
  void cancel(std::uint64_t id, Call& call);
  void read_socket();
  bool take_frames();
  void take_frame(Json frame);
  void hide_secrets(Json& error) const;
  void send_signal(const char* type, std::optional<std::uint64_t> id = {});
  void send(std::string frame);
  void write_next();
  void watch_output();
  bool read_output();
  void watch_calls();
  void look_at_calls(Clock::time_point due);
  [[nodiscard]] Clock::time_point heartbeat_due() const;
  [[nodiscard]] Error not_ended(const Call& call) const;
  [[nodiscard]] Error not_alive() const;
  void kill_with(Error verdict);
  void close_socket();
  void reap();
  void finish(std::optional<int> status);
  void leave();
  [[nodiscard]] Error death(std::optional<int> status) const;

  const RemoteOptions options_;
  const std::string program_;  ///< file name of the executable, for messages
  Capabilities capabilities_;
  std::atomic<bool> alive_ = true;

  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::local::stream_protocol::socket socket_;
  boost::asio::posix::stream_descriptor output_;
  boost::asio::steady_timer patience_timer_;
  boost::asio::steady_timer end_timer_;

  std::atomic<pid_t> pid_ = -1;
  std::optional<std::uint64_t> oom_kills_;  ///< in our control group when the process started
  std::atomic<std::uint64_t> last_id_ = 0;
  FrameReader frames_;
  std::string receive_buffer_;
  std::deque<std::string> outgoing_;
  LineRing lines_;
  std::vector<std::string> secrets_;
  std::map<std::uint64_t, Call> calls_;  ///< in progress, by id; the hello has 0
  Clock::time_point last_sign_;          ///< when the process last sent anything
  bool pinged_ = false;                  ///< since then
  std::optional<Error> verdict_;         ///< why we killed it
  std::optional<Error> death_;           ///< set when it has been reaped
  Clock::time_point kill_at_;            ///< set when it is to leave
  bool closing_ = false;

  std::mutex mutex_;     ///< guards closed_
  bool closed_ = false;  ///< no calls any more
  std::jthread loop_;
};

}  // namespace tenfold
