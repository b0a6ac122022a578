// Worker side of the protocol: a reader thread, and a thread for each call in progress.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "engine/json.h"
#include "tenfold/engine.h"

namespace tenfold {

/// Serves one engine on a socket until the host closes it or says unload.
class WorkerServer {
 public:
  /// Owns the descriptor.
  WorkerServer(std::unique_ptr<Engine> engine, int socket);
  ~WorkerServer();
  WorkerServer(const WorkerServer&) = delete;
  WorkerServer& operator=(const WorkerServer&) = delete;

  /// Says hello and works on the calling thread and others. Returns the exit code: 0, or 2 when the
  /// host broke the protocol. Leaves the process at once when the engine does not stop within
  /// exit_grace.
  int run();

 private:
  struct Job {
    std::uint64_t id = 0;
    Json message;
    std::stop_source stop;
  };

  // Reader thread.
  void read_loop();
  bool dispatch(Json message);
  void cancel(std::uint64_t id);
  void leave();

  // Working threads.
  void work();
  std::shared_ptr<Job> next_job();
  [[nodiscard]] bool can_begin(const Job& job) const;
  void run_job(const std::shared_ptr<Job>& job);
  Result<Json> perform(Job& job);
  Result<Json> load(Job& job);
  Result<Json> generate(Job& job);
  Result<Json> embed(Job& job);
  Control control_of(Job& job);

  // Any thread.
  bool send(const Json& message);
  void send_end(std::uint64_t id, const Result<Json>& result);

  std::unique_ptr<Engine> engine_;
  const int socket_;
  int exit_code_ = 0;  ///< the reader thread's until it has ended
  std::mutex write_mutex_;

  std::mutex mutex_;  ///< guards everything below
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Job>> jobs_;
  std::vector<std::shared_ptr<Job>> running_;
  std::size_t idle_ = 0;               ///< working threads that wait for a job
  std::vector<std::jthread> workers_;  ///< beside the main thread; started when none is idle
  bool leaving_ = false;
  bool finished_ = false;
};

}  // namespace tenfold
