// The memory ledger: who may load, and who has to leave for it.
#include <fmt/format.h>

#include "service/scheduler_core.h"

namespace tenfold {
namespace {

constexpr std::uint64_t mebibyte = 1 << 20;

}  // namespace

std::uint64_t SchedulerCore::used() const {
  std::uint64_t bytes = 0;
  for (const auto& slot : slots_) bytes += slot->charged;
  return bytes;
}

/// Waits until `need` bytes are free and charges them to the slot. Whoever asked first gets first.
Result<void> SchedulerCore::admit(ModelSlot& slot, std::uint64_t need, Lock& lock) {
  if (need > memory_limit_) {
    return fail(
        ErrorCode::out_of_memory,
        fmt::format("{} needs about {} MiB; the memory limit for all models is {} MiB",
                    slot.use.model, need / mebibyte + 1, memory_limit_ / mebibyte),
        "choose a smaller model or context, fewer answers at once, or raise the memory limit");
  }
  if (slot.charged >= need) return {};  // kept when its worker died
  slot.state = State::waiting_for_memory;
  slot.waiting_since = host_->now();
  wanting_memory_.push_back(&slot);
  const auto others = [&] { return used() - slot.charged; };
  const auto given_up = [&] { return stopping_ || slot.queue.empty(); };
  changed_.wait(lock, [&] {
    if (given_up()) return true;
    if (wanting_memory_.front() != &slot) return false;
    if (others() + need <= memory_limit_) return true;
    make_room(slot, need);
    return false;
  });
  std::erase(wanting_memory_, &slot);
  changed_.notify_all();
  if (given_up()) return fail(ErrorCode::cancelled, "nobody waits for the model any more");
  slot.charged = need;
  return {};
}

/// Has models leave until `need` bytes will be free beside `slot`: idle ones, least recently used
/// first; after a turn's wait busy ones too, as soon as their running answers have ended.
void SchedulerCore::make_room(const ModelSlot& slot, std::uint64_t need) {
  std::uint64_t kept = used() - slot.charged;
  std::vector<ModelSlot*> candidates;
  const bool busy_too = host_->now() >= slot.waiting_since + options_.turn;
  for (const auto& other : slots_) {
    if (other.get() == &slot) continue;
    if (other->closing && !other->restarting) {
      kept -= other->charged;
    } else if (other->idle() || (busy_too && other->state == State::ready && !other->closing)) {
      candidates.push_back(other.get());
    }
  }
  std::ranges::sort(candidates, [](const ModelSlot* one, const ModelSlot* two) {
    return std::pair(!one->idle(), one->last_used) < std::pair(!two->idle(), two->last_used);
  });
  for (ModelSlot* victim : candidates) {
    if (kept + need <= memory_limit_) return;
    kept -= victim->charged;
    victim->closing = true;
    ++counters_.evictions;
    note(SchedulerEvent::Kind::evicted, *victim,
         fmt::format("{} was unloaded because {} needed its memory", victim->use.model,
                     slot.use.model));
    changed_.notify_all();
  }
}

/// Charges what the slot's worker really has, which only its own threads may ask for. Never less
/// than the estimate: memory that is mapped or reserved but not touched yet will be.
void SchedulerCore::measure(ModelSlot& slot, Lock& lock) {
  if (!slot.started.memory) return;
  slot.measured_at = host_->now();
  lock.unlock();
  const std::uint64_t bytes = slot.started.memory();
  lock.lock();
  slot.measured = bytes;
  slot.charged = std::max(slot.charged, bytes);
}

}  // namespace tenfold
