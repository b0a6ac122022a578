// The scheduler: many requests over several loaded models, within one memory limit.
//
// A request waits in the bounded queue of its model, fairly among clients, and never holds a thread
// while it waits. A model is loaded when the first request wants it, in a worker process of its
// own; models nobody uses leave when others need their memory, or when they have been idle for
// long. A worker that dies costs nobody an answer: it is started again and the answer goes on after
// the tokens already sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "service/model_host.h"
#include "tenfold/engine.h"

namespace tenfold {

struct SchedulerOptions {
  std::uint64_t memory_limit = 0;  ///< bytes for all models together; 0: 80 % of the machine's
  int queue_length = 64;           ///< requests that may wait for one model
  int most_models = 16;            ///< loaded, loading or waiting for memory
  int sequences = 1;               ///< answers at once of one model, where its engine can
  std::chrono::milliseconds idle_unload{300'000};  ///< negative: never
  std::chrono::milliseconds load_retry{5'000};  ///< a model that failed to load is refused so long
  /// How long requests wait for memory before models that are always busy have to make room.
  std::chrono::milliseconds turn{10'000};
  bool failover = true;  ///< go on with an answer whose worker died
};

/// A model that answers. `info` tells the context and the threads in force.
struct LoadedModel {
  std::string name;  ///< as the request that loaded it named it
  std::string engine;
  std::string engine_version;
  std::string path;
  std::string format;
  std::string sha256;  ///< of the file, if the store knows it; else empty
  int sequences = 1;   ///< answers at once
  ModelInfo info;
};

/// An answer is wanted. Its Request::deadline counts from submit(), waiting and loading included.
struct AnswerTask {
  ModelUse use;
  std::string client;  ///< clients take turns; requests of one client are answered in their order
  Request request;
};

/// Something the user should be told while an answer is on its way.
struct Notice {
  std::string text;   ///< "the engine died (…); going on with …"
  LoadedModel model;  ///< that answers from now on
};

/// What becomes of an answer. Called in this order on threads of the scheduler, one at a time; must
/// return soon and must not wait for the scheduler. Any but on_end may be empty.
struct AnswerEvents {
  std::function<void(const LoadedModel&)> on_begin;  ///< once, when the waiting is over
  OnPrompt on_prompt;  ///< before a first delta, and again where another worker goes on
  std::function<void(const Delta&)> on_delta;
  std::function<void(const Notice&)> on_notice;
  /// Exactly once, last. The usage is that of the whole answer, all workers together. Errors:
  /// cancelled before the answer began; deadline_exceeded, before it began or because the worker
  /// did not keep it; engine_died; those of loading the model, and those of the request.
  std::function<void(Result<Answer>)> on_end;
};

/// Work that is no answer: counting tokens, embedding, scoring. It is done beside the answers,
/// before those that wait, unless it counts as one.
struct WorkTask {
  ModelUse use;
  std::string client;
  /// From run(). Work that has begun by then is asked to stop, and ends when it does.
  std::optional<std::chrono::milliseconds> deadline;
  /// On a thread of the scheduler; once more if the worker dies of it. May be empty, to load only.
  std::function<Result<void>(Engine&, const LoadedModel&, std::stop_token)> work;
  bool counts_as_answer = false;  ///< it calls Engine::score()
};

struct ModelStatus {
  enum class State { loading, waiting_for_memory, ready, unloading, failed };
  LoadedModel model;  ///< while it is not loaded: what was asked for
  State state = State::loading;
  double load_progress = 0;          ///< 0…1
  std::uint64_t memory_bytes = 0;    ///< charged to the limit
  std::uint64_t measured_bytes = 0;  ///< what its worker has; 0: not measured
  int waiting = 0;
  int running = 0;
  std::optional<std::chrono::milliseconds> idle;     ///< since its last work; absent: busy
  std::optional<std::chrono::milliseconds> expires;  ///< until it is unloaded; absent: not planned
  std::optional<Error> failure;                      ///< why it failed to load
};
std::string_view to_string(ModelStatus::State state);

/// Since the scheduler started.
struct SchedulerCounters {
  std::uint64_t submitted = 0;  ///< answers and other work that were accepted
  std::uint64_t refused = 0;    ///< with `busy`
  std::uint64_t answered = 0;   ///< answers that ended as such, however they finished
  std::uint64_t failed = 0;     ///< answers that ended in an error
  std::uint64_t loads = 0;
  std::uint64_t load_failures = 0;
  std::uint64_t evictions = 0;     ///< unloaded because others needed the memory
  std::uint64_t idle_unloads = 0;  ///< unloaded because nobody used them
  std::uint64_t deaths = 0;        ///< calls that ended because the worker did
  std::uint64_t failovers = 0;     ///< answers and other work begun again after a death
  std::uint64_t prompt_tokens = 0;
  std::uint64_t cached_tokens = 0;
  std::uint64_t generated_tokens = 0;
};

/// Something that happened to a model.
struct SchedulerEvent {
  enum class Kind { loaded, load_failed, evicted, idle_unloaded, unloaded, died };
  std::uint64_t id = 0;  ///< grows
  std::chrono::system_clock::time_point time;
  Kind kind = Kind::loaded;
  std::string model;
  std::string text;  ///< a sentence
};
std::string_view to_string(SchedulerEvent::Kind kind);

struct SchedulerStatus {
  std::vector<ModelStatus> models;
  std::vector<SchedulerEvent> events;  ///< the last ones, the latest first
  std::uint64_t memory_limit = 0;
  std::uint64_t memory_used = 0;  ///< charged, by all models
  SchedulerCounters counters;
  std::uint64_t streamed_tokens = 0;  ///< generated, those of answers that run included
  std::optional<std::chrono::milliseconds> last_token;  ///< how long ago one was generated
};

class SchedulerCore;

/// A request that was accepted. Dropping it changes nothing; it may outlive the scheduler.
class Ticket {
 public:
  Ticket(std::weak_ptr<SchedulerCore> core, std::uint64_t id) : core_(std::move(core)), id_(id) {}

  /// A waiting request leaves at once, a running answer ends within one token. Does nothing once it
  /// has ended. on_end comes from another thread. Thread-safe.
  void cancel() const;

  /// How many of the requests that came before this one may be begun before it; absent once it has
  /// begun. Thread-safe.
  [[nodiscard]] std::optional<int> position() const;

 private:
  std::weak_ptr<SchedulerCore> core_;
  std::uint64_t id_;
};

/// Thread-safe. None of its functions waits for a model, except hold() and shutdown().
class Scheduler {
 public:
  /// `host` finds models and starts engines; it is used from many threads.
  Scheduler(SchedulerOptions options, std::shared_ptr<ModelHost> host);
  /// As shutdown() without grace.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Refused: `busy` (with Error::retry_after) when the model's queue is full or too many models
  /// are in use; `unavailable` after shutdown(); within SchedulerOptions::load_retry of a failed
  /// load, that load's error. Then no event is called.
  Result<Ticket> submit(AnswerTask task, AnswerEvents events);

  /// Has the work done on the loaded model; `on_end` is called as AnswerEvents::on_end is.
  Result<Ticket> run(WorkTask task, std::function<void(Result<void>)> on_end);

  [[nodiscard]] SchedulerStatus status() const;

  /// Unloads the model once its running answers have ended; requests that wait have it loaded
  /// again. not_found if it is not loaded.
  Result<void> unload(const std::string& model);

  /// Unloads all models, and answers requests with `reason` until release(); for those who need the
  /// machine alone. Returns when all workers have ended. busy, saying with what, while requests
  /// wait or run.
  Result<void> hold(const Error& reason);
  void release();

  /// Refuses new work, ends what waits with `unavailable`, lets answers run for `grace`, cancels
  /// the rest and unloads everything. What engines keep is saved within `grace`, too. Returns when
  /// all threads and workers have ended.
  void shutdown(std::chrono::milliseconds grace);

  /// Does at once what time has made due. The scheduler does so by itself; this is for clocks that
  /// jump (tests).
  void tidy();

 private:
  std::shared_ptr<SchedulerCore> core_;
};

}  // namespace tenfold
