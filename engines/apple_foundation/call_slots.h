// Functions for the bridge's calls of tools. It hands them no context, so that each tool which may
// be called has a function of its own.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "bridge.h"

namespace tenfold::apple_foundation {

/// How many tools may be called at once, in all answers of this process.
inline constexpr std::size_t call_slots = 32;

/// Takes the content's ownership. Called on threads of the bridge's own, also several at once.
using OnCall = std::function<void(Ref content, unsigned call)>;

/// One of the functions, for as long as this lives. A call that has begun by then may end later.
class CallSlot {
 public:
  /// Nothing if all are taken. Thread-safe.
  static std::optional<CallSlot> take(OnCall on_call);

  CallSlot(CallSlot&& other) noexcept;
  CallSlot& operator=(CallSlot&&) = delete;
  ~CallSlot();

  [[nodiscard]] ToolCallback function() const;

 private:
  explicit CallSlot(std::size_t index) : index_(index) {}
  std::size_t index_;  ///< call_slots: moved from
};

}  // namespace tenfold::apple_foundation
