// Pulls that clients asked for: those that run, those that wait, and the last ones that ended.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/json.h"
#include "models/pull_any.h"
#include "models/pull_plan.h"

namespace tenfold::server {

struct Download {
  enum class State { waiting, running, done, failed, cancelled };

  std::uint64_t id = 0;
  std::string model;  ///< as it was asked for
  State state = State::waiting;
  std::string step;                  ///< what it said last, for people; may be empty
  std::optional<PullProgress> pull;  ///< absent: nothing has come yet
  std::string stored_as;             ///< when done: the name in the store
  bool was_here = false;             ///< when done: nothing had to be fetched
  std::optional<Error> error;        ///< when failed
  std::uint64_t changes = 0;         ///< grows whenever something above changes

  [[nodiscard]] bool ended() const { return state != State::waiting && state != State::running; }
};
std::string_view to_string(Download::State state);
Json to_json(const Download& download);

/// Pulls have threads of their own, as they may take hours. Thread-safe.
class Downloads {
 public:
  using Pull = std::function<Result<Pulled>(const CatalogueModel&, const PullOptions&,
                                            const std::function<void(const PullProgress&)>&)>;

  explicit Downloads(ModelStore store, Pull pull = pull_any);
  /// As stop(), and waits for the end of all.
  ~Downloads();
  Downloads(const Downloads&) = delete;
  Downloads& operator=(const Downloads&) = delete;

  struct Started {
    std::uint64_t id = 0;
    bool joined = false;  ///< the same pull was asked for before, and has not ended
  };

  /// Takes what pull_target() does. A URL that a client names is only followed to public hosts.
  /// Errors: those of pull_target(); busy when too many wait; unavailable after stop(). Reads the
  /// catalogues.
  Result<Started> start(const std::string& model);

  [[nodiscard]] std::optional<Download> find(std::uint64_t id) const;
  /// The latest first.
  [[nodiscard]] std::vector<Download> list() const;

  /// What came is kept for the next pull. Does nothing to one that has ended; not_found.
  Result<void> cancel(std::uint64_t id);

  /// Cancels all, and takes no more.
  void stop();

 private:
  struct Entry {
    Download shown;  ///< guarded by mutex_
    std::atomic<bool> cancelled = false;
  };

  void perform(Entry& entry, const CatalogueModel& model);
  template <typename Change>
  void change(Entry& entry, const Change& change);
  void forget_old();

  const ModelStore store_;
  const Pull pull_;
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<Entry>> entries_;  ///< the latest first
  std::uint64_t last_id_ = 0;
  bool stopped_ = false;
  boost::asio::thread_pool threads_;
};

}  // namespace tenfold::server
