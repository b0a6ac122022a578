#include "call_slots.h"

#include <array>
#include <mutex>
#include <utility>

namespace tenfold::apple_foundation {
namespace {

std::mutex slots_mutex;
std::array<std::shared_ptr<const OnCall>, call_slots> slots;  ///< null: free

template <std::size_t index>
void called(Ref content, unsigned call) {
  std::shared_ptr<const OnCall> on_call;
  {
    const std::lock_guard lock(slots_mutex);
    on_call = slots[index];
  }
  if (on_call != nullptr) (*on_call)(content, call);
}

template <std::size_t... indices>
constexpr std::array<ToolCallback, sizeof...(indices)> make_functions(
    std::index_sequence<indices...> /*of all slots*/) {
  return {called<indices>...};
}

constexpr auto functions = make_functions(std::make_index_sequence<call_slots>());

}  // namespace

std::optional<CallSlot> CallSlot::take(OnCall on_call) {
  const std::lock_guard lock(slots_mutex);
  for (std::size_t index = 0; index < call_slots; ++index) {
    if (slots[index] != nullptr) continue;
    slots[index] = std::make_shared<const OnCall>(std::move(on_call));
    return CallSlot(index);
  }
  return std::nullopt;
}

CallSlot::CallSlot(CallSlot&& other) noexcept : index_(std::exchange(other.index_, call_slots)) {}

CallSlot::~CallSlot() {
  if (index_ == call_slots) return;
  std::shared_ptr<const OnCall> unused;  // ends after the lock: it may hold what has slots, too
  const std::lock_guard lock(slots_mutex);
  unused = std::move(slots[index_]);
}

ToolCallback CallSlot::function() const { return functions[index_]; }

}  // namespace tenfold::apple_foundation
