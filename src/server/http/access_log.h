// The access log: a line of JSON for each request.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "server/http/connection.h"

namespace tenfold::server {

/// Writes on a thread of its own, so that whoever reads the log slowly, or not at all, holds up no
/// request. Thread-safe.
class AccessLog {
 public:
  /// `descriptor` outlives it.
  explicit AccessLog(int descriptor);
  /// Writes what waits, if it is taken within a second.
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  /// Never waits. When too much waits to be taken, the line is left out; the next one that is not
  /// says so.
  void write(const AccessRecord& record);

 private:
  void run(const std::stop_token& stop);
  bool send(std::string_view text, const std::stop_token& stop) const;

  const int descriptor_;
  std::mutex mutex_;
  std::condition_variable_any came_;
  std::string waiting_;         ///< whole lines; guarded by mutex_
  std::uint64_t left_out_ = 0;  ///< lines; guarded by mutex_
  std::jthread thread_;
};

}  // namespace tenfold::server
