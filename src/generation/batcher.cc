#include "generation/batcher.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/barrier.h"

namespace tenfold {
namespace {

std::size_t rows_of(const Chunk& chunk) { return chunk.all_positions ? chunk.tokens.size() : 1; }

}  // namespace

Batcher::Batcher(TokenModel& model)
    : model_(model), members_(static_cast<std::size_t>(model.max_sequences())) {}

Result<Batcher::Rows> Batcher::evaluate(const Chunk& chunk, const std::stop_token& stop) {
  const std::stop_callback on_stop(stop, [&] { interrupt(chunk.sequence); });
  std::unique_lock lock(mutex_);
  Member& member = members_[static_cast<std::size_t>(chunk.sequence)];
  if (member.state == State::absent) member.arrival = ++arrivals_;
  member.state = State::waiting;
  member.chunk = chunk;
  if (gaps_wanted_ > 0) changed_.notify_all();  // its rows were perhaps the last in use
  for (;;) {
    if (member.state == State::reading) return member.result;
    if (member.state == State::away) return std::exchange(member.result, Rows{});
    if (member.state == State::waiting && stop.stop_requested()) {
      member.state = State::away;
      member.missed_from = Clock::now();
      changed_.notify_all();
      return interrupted();
    }
    // One time for both: between two, the patience with an away one may end unseen.
    const auto now = Clock::now();
    if (can_begin_step(now)) {
      lead(lock);
    } else {
      wait(lock, now);
    }
  }
}

void Batcher::release(int sequence) {
  const std::lock_guard lock(mutex_);
  Member& member = members_[static_cast<std::size_t>(sequence)];
  if (member.state != State::reading) return;
  member.state = State::away;
  member.missed_from = Clock::now() + patience;
  // Its own next chunk completes the step, unless somebody waits for a gap.
  if (gaps_wanted_ > 0 && !any(State::reading)) changed_.notify_all();
}

void Batcher::leave(int sequence) {
  {
    const std::lock_guard lock(mutex_);
    members_[static_cast<std::size_t>(sequence)].state = State::absent;
  }
  changed_.notify_all();
}

void Batcher::interrupt(int sequence) {
  {
    const std::lock_guard lock(mutex_);
    const bool is_its_own = step_.size() == 1 && step_.front()->chunk.sequence == sequence;
    if (is_its_own) model_.interrupt(true);
  }
  changed_.notify_all();
}

/// Looks again when an away one may have been missed; nothing announces that.
void Batcher::wait(std::unique_lock<std::mutex>& lock, Clock::time_point now) {
  if (in_use_) return changed_.wait(lock);
  if (any(State::reading)) {
    changed_.wait_until(lock, now + patience);
  } else if (const auto until = waits_until(); until > now) {
    changed_.wait_until(lock, until);
  } else {
    changed_.wait(lock);
  }
}

bool Batcher::any(State state) const {
  return std::ranges::any_of(members_, [&](const Member& m) { return m.state == state; });
}

bool Batcher::can_begin_step(Clock::time_point now) const {
  if (in_use_ || any(State::reading)) return false;
  if (gaps_wanted_ > 0 && !step_is_due_) return false;
  return any(State::waiting) && waits_until() <= now;
}

Batcher::Clock::time_point Batcher::waits_until() const {
  Clock::time_point latest{};
  for (const Member& member : members_) {
    if (member.state == State::away) latest = std::max(latest, member.missed_from);
  }
  return latest;
}

void Batcher::lead(std::unique_lock<std::mutex>& lock) {
  const std::size_t shared_prompt = choose_step();
  in_use_ = true;
  model_.interrupt(false);
  lock.unlock();
  const auto start = Clock::now();
  auto logits = barrier("the engine", [&] { return model_.evaluate(chunks_); });
  const auto spent = Clock::now() - start;
  lock.lock();
  in_use_ = false;
  step_is_due_ = false;
  share_out(logits);
  if (shared_prompt == shared_piece_) adapt_piece(spent);
  changed_.notify_all();
}

/// Decoding answers all take part; prompts share the room in the order in which the answers came.
/// Returns how many prompt tokens go beside other answers.
std::size_t Batcher::choose_step() {
  std::size_t running = 0;
  step_.clear();
  for (Member& member : members_) {
    if (member.state != State::absent) ++running;
    if (member.state == State::waiting) step_.push_back(&member);
  }
  std::ranges::sort(step_, {}, &Member::arrival);
  const std::size_t most =
      running == 1 ? static_cast<std::size_t>(model_.preferred_step()) : shared_piece_;
  std::size_t room = most;
  std::erase_if(step_, [&](Member* member) {
    auto& tokens = member->chunk.tokens;
    if (tokens.size() == 1) return false;
    if (room == 0) return true;
    tokens = tokens.first(std::min(tokens.size(), room));
    room -= tokens.size();
    return false;
  });
  // llama.cpp computes sequences with caches of their own together when they are neighbours.
  std::ranges::sort(step_, {}, [](const Member* member) { return member->chunk.sequence; });
  chunks_.clear();
  for (Member* member : step_) {
    member->state = State::in_step;
    chunks_.push_back(member->chunk);
  }
  return running == 1 ? 0 : most - room;
}

void Batcher::share_out(const Result<std::span<const float>>& logits) {
  const auto width = static_cast<std::size_t>(model_.info().vocabulary_size);
  std::size_t expected = 0;
  for (const Chunk& chunk : chunks_) expected += rows_of(chunk) * width;
  const bool is_whole = logits.ok() && logits->size() == expected;
  std::size_t begin = 0;
  for (Member* member : step_) {
    const std::size_t count = rows_of(member->chunk) * width;
    if (is_whole) {
      member->state = State::reading;
      member->result = Rows{member->chunk.tokens.size(), logits->subspan(begin, count)};
      begin += count;
      continue;
    }
    member->state = State::away;
    member->missed_from = Clock::now();
    member->result = logits.ok()
                         ? fail(ErrorCode::internal,
                                "the engine returned " + std::to_string(logits->size()) +
                                    " logits where " + std::to_string(expected) + " were expected")
                         : logits.error();
  }
  step_.clear();
}

/// Towards steps of step_time, never more than twice or half at once.
void Batcher::adapt_piece(Clock::duration spent) {
  const double wanted =
      static_cast<double>(shared_piece_) * (step_time / std::chrono::duration<double>(spent));
  const auto piece = static_cast<double>(shared_piece_);
  const double next = std::clamp(wanted, piece / 2, piece * 2);
  shared_piece_ = std::clamp(static_cast<std::size_t>(next), smallest_piece, largest_piece);
}

/// Whether a gap may begin.
bool Batcher::is_free() const {
  const bool waits_for_step = step_is_due_ && any(State::waiting);
  return !in_use_ && !waits_for_step && !any(State::reading);
}

Batcher::Gap::Gap(Batcher& batcher, const std::stop_token& stop) : batcher_(batcher) {
  const std::stop_callback wake(stop, [&batcher] {
    { const std::lock_guard lock(batcher.mutex_); }  // it is waiting, or has not looked yet
    batcher.changed_.notify_all();
  });
  std::unique_lock lock(batcher.mutex_);
  ++batcher.gaps_wanted_;
  batcher.changed_.wait(lock, [&] { return batcher.is_free() || stop.stop_requested(); });
  --batcher.gaps_wanted_;
  is_open_ = batcher.is_free();
  if (is_open_) {
    batcher.in_use_ = true;
    batcher.model_.interrupt(false);
  } else {
    batcher.changed_.notify_all();  // a step may have waited for this gap
  }
}

Batcher::Gap::~Gap() {
  if (!is_open_) return;
  {
    const std::lock_guard lock(batcher_.mutex_);
    batcher_.in_use_ = false;
    batcher_.step_is_due_ = true;
  }
  batcher_.changed_.notify_all();
}

}  // namespace tenfold
