// What the bridge calls back with, waited for on the thread that asked.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "bridge.h"

namespace tenfold::apple_foundation {

/// Waits for the number of tokens. Empty where the system cannot count (before macOS 26.4).
std::optional<int> count_tokens(const Bridge& bridge, Ref model, Ref prompt_or_session,
                                Ref (*count)(Ref, Ref, void*, CountCallback));

/// The text of one answer as it grows: the bridge gives all of it each time.
class GrowingText {
 public:
  /// Begins to read a stream of the bridge's.
  void follow(const Bridge& bridge, Ref stream);
  /// Asks for content that fits `schema`, which comes at once. The task is to be kept.
  Object ask(const Bridge& bridge, Ref session, Ref prompt, const std::string& schema,
             const std::string& options);

  /// Waits for more than the `known` bytes, or for the end: the whole text so far. Empty if stopped
  /// first.
  std::optional<std::string> wait(std::size_t known, const std::stop_token& stop);
  [[nodiscard]] bool has_ended() const;
  /// Of a text that has ended: why, where it is not complete.
  [[nodiscard]] Result<void> result() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< the bridge's callbacks share it: they may come too late
};

}  // namespace tenfold::apple_foundation
