// Continuous batching: the answers that run at once share each evaluation of the model.
//
// Every answer runs on a thread of its own and hands in the tokens of its sequence. A step begins
// when each running answer has handed in or left; the thread that completes it evaluates for all.
// An answer whose caller takes longer than `patience` over a delta is not waited for. While several
// answers run, long prompts go in pieces, so that a step takes about `step_time`.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

#include "tenfold/result.h"
#include "tenfold/token_model.h"

namespace tenfold {

/// The only user of a model's evaluate(), rewind(), copy() and embed(). Thread-safe; each sequence
/// belongs to one thread at a time. The model outlives it.
class Batcher {
 public:
  static constexpr std::chrono::milliseconds patience{5};
  static constexpr std::chrono::milliseconds step_time{100};
  static constexpr std::size_t smallest_piece = 16;
  /// Of a prompt in one step beside other answers; alone it has the model's preferred_step().
  static constexpr std::size_t largest_piece = 512;

  explicit Batcher(TokenModel& model);

  struct Rows {
    std::size_t tokens = 0;         ///< of the chunk that were evaluated
    std::span<const float> logits;  ///< of their last position, or of all; see release()
  };

  /// Evaluates the first tokens of the chunk, at least one, in the next step. `stop` makes it
  /// return `cancelled` at once unless others share the step. internal if the engine returns
  /// another number of logits than asked for. After an error the sequence holds any number of the
  /// tokens.
  Result<Rows> evaluate(const Chunk& chunk, const std::stop_token& stop);

  /// Says that the rows of this sequence were used; until then they are valid and no step begins.
  void release(int sequence);

  /// Says that nothing more comes from this sequence for now.
  void leave(int sequence);

  /// The result of `work`, which has the model for itself: between two steps. `stop` interrupts it,
  /// and ends the wait for it with `cancelled`; what needs no wait is begun in any case.
  template <typename Work>
  auto alone(const std::stop_token& stop, const Work& work)
      -> decltype(work(std::declval<TokenModel&>())) {
    const Gap gap(*this, stop);
    if (!gap.is_open()) return interrupted();
    const std::stop_callback on_stop(stop, [this] { model_.interrupt(true); });
    return work(model_);
  }

 private:
  using Clock = std::chrono::steady_clock;
  enum class State {
    absent,   ///< no answer
    waiting,  ///< with a chunk, for a step
    in_step,
    reading,  ///< rows in use
    away,     ///< until it hands in the next chunk
  };
  struct Member {
    State state = State::absent;
    Chunk chunk;
    std::uint64_t arrival = 0;      ///< order in which the answers came
    Clock::time_point missed_from;  ///< when an away one is no longer waited for
    Result<Rows> result = Rows{};
  };
  /// Holds the model outside of steps.
  class Gap {
   public:
    Gap(Batcher& batcher, const std::stop_token& stop);
    ~Gap();
    Gap(const Gap&) = delete;
    Gap& operator=(const Gap&) = delete;
    /// False if `stop` came first.
    [[nodiscard]] bool is_open() const { return is_open_; }

   private:
    Batcher& batcher_;
    bool is_open_ = false;
  };

  // All of these are called with the mutex held.
  void wait(std::unique_lock<std::mutex>& lock, Clock::time_point now);
  void lead(std::unique_lock<std::mutex>& lock);
  std::size_t choose_step();
  void share_out(const Result<std::span<const float>>& logits);
  void adapt_piece(Clock::duration spent);
  [[nodiscard]] bool any(State state) const;
  [[nodiscard]] bool is_free() const;
  [[nodiscard]] bool can_begin_step(Clock::time_point now) const;
  [[nodiscard]] Clock::time_point waits_until() const;

  void interrupt(int sequence);
  static Error interrupted() {
    return fail(ErrorCode::cancelled, "the evaluation was interrupted");
  }

  // An interrupt is wanted of the one step or gap in progress and taken back before the next one,
  // both under the mutex: so none is lost, and none hits another's step.
  TokenModel& model_;
  std::mutex mutex_;  ///< guards everything below, and the model while not in_use_
  std::condition_variable changed_;
  std::vector<Member> members_;
  std::uint64_t arrivals_ = 0;
  bool in_use_ = false;  ///< the model, by a step or a gap
  int gaps_wanted_ = 0;
  bool step_is_due_ = false;   ///< before the next gap, so that gaps do not starve answers
  std::vector<Member*> step_;  ///< whose chunks are being evaluated
  std::vector<Chunk> chunks_;
  std::size_t shared_piece_ = 64;  ///< prompt tokens of one step while several answers run
};

}  // namespace tenfold
