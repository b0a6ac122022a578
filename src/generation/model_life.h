// The life of an engine's model: loaded by one call at a time, used by many, freed by the last.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <utility>

#include "base/barrier.h"
#include "generation/interruption.h"
#include "tenfold/engine.h"

namespace tenfold {

/// Of a call that was stopped before it did anything.
Error stopped_before();
/// Of a call that another one keeps out.
Error kept_out();

/// Thread-safe. What `open` and the calls throw becomes an error.
template <typename Model>
class ModelLife {
 public:
  using Clock = Interruption::Clock;
  struct Opened {
    std::shared_ptr<Model> model;
    ModelInfo info;
  };

  [[nodiscard]] bool is_loaded() const {
    const std::lock_guard lock(mutex_);
    return loaded_ != nullptr;
  }

  /// Frees the model there is, then keeps what `open`, a Result<Opened>(), returns. busy while
  /// another load or any call is in progress; cancelled if unload() came meanwhile.
  template <typename Open>
  Result<ModelInfo> load(const ResolvedModel& wanted, const Open& open) {
    {
      const std::lock_guard lock(mutex_);
      if (is_loading_ || calls_ > 0) return kept_out();
      is_loading_ = true;
      is_unwanted_ = false;
      loaded_.reset();
    }
    const auto start = Clock::now();
    Result<Opened> opened = barrier("the engine", open);
    const std::lock_guard lock(mutex_);
    is_loading_ = false;
    if (!opened.ok()) return std::move(opened).error();
    if (is_unwanted_) return fail(ErrorCode::cancelled, "cleanup() came while the model loaded");
    loaded_ = std::move(opened->model);
    ModelInfo info = std::move(opened->info);
    info.load_seconds = std::chrono::duration<double>(Clock::now() - start).count();
    info.sampling = wanted.sampling;
    return info;
  }

  /// What `call`, which takes the Model&, returns.
  template <typename Call>
  auto with(const Call& call) -> decltype(call(std::declval<Model&>())) {
    std::shared_ptr<Model> loaded;
    {
      const std::lock_guard lock(mutex_);
      if (is_loading_) return kept_out();
      if (loaded_ == nullptr) {
        return fail(ErrorCode::not_initialized, "no model is loaded",
                    "load a model with initialize() first");
      }
      loaded = loaded_;
      ++calls_;
    }
    auto result = barrier("the engine", [&] { return call(*loaded); });
    loaded.reset();
    const std::lock_guard lock(mutex_);
    --calls_;
    return result;
  }

  /// The same for an answer: `call` also gets the Interruption that cancel(), unload(), the
  /// request's deadline and `stop` act on, and when it began.
  template <typename Call>
  Result<Answer> answer(const Request& request, const std::stop_token& stop, const Call& call) {
    const auto start = Clock::now();
    if (stop.stop_requested()) return stopped_before();
    return with([&](Model& model) -> Result<Answer> {
      Interruption interruption(start, request.deadline);
      const Running running(*this, interruption);
      if (!is_loaded()) interruption.cancel();  // unload() came just before
      const std::stop_callback on_stop(stop, [&] { interruption.cancel(); });
      return call(model, interruption, start);
    });
  }

  /// Ends all answers in progress.
  void cancel() {
    const std::lock_guard lock(mutex_);
    for (Interruption* answer : running_) answer->cancel();
  }

  /// Ends all answers, and the model with the last call that uses it.
  void unload() {
    std::shared_ptr<Model> unwanted;  // freed without the mutex
    {
      const std::lock_guard lock(mutex_);
      unwanted = std::move(loaded_);
      is_unwanted_ = true;
    }
    cancel();
  }

 private:
  /// Makes an answer reachable for cancel() while it runs.
  class Running {
   public:
    Running(ModelLife& life, Interruption& interruption)
        : life_(life), interruption_(interruption) {
      const std::lock_guard lock(life_.mutex_);
      life_.running_.insert(&interruption_);
    }
    ~Running() {
      const std::lock_guard lock(life_.mutex_);
      life_.running_.erase(&interruption_);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    ModelLife& life_;
    Interruption& interruption_;
  };

  mutable std::mutex mutex_;  ///< guards everything below
  std::shared_ptr<Model> loaded_;
  bool is_loading_ = false;
  bool is_unwanted_ = false;  ///< what is being loaded
  int calls_ = 0;             ///< in progress with a model
  std::set<Interruption*> running_;
};

}  // namespace tenfold
