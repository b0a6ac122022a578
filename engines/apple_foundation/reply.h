// What the bridge calls back with, waited for on the thread that asked.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "bridge.h"
#include "call_slots.h"

namespace tenfold::apple_foundation {

/// Waits for the number of tokens. Empty where the system cannot count (before macOS 26.4).
std::optional<int> count_tokens(const Bridge& bridge, Ref model, Ref prompt_or_session,
                                Ref (*count)(Ref, Ref, void*, CountCallback));

/// A call of a tool that the model waits for.
struct WaitingCall {
  std::size_t tool = 0;  ///< in the order in which tools were given
  unsigned id = 0;       ///< among the calls of this tool
  std::string arguments;
};

/// One answer as it grows: the bridge gives all of its text each time, and calls tools beside it.
class GrowingAnswer {
 public:
  explicit GrowingAnswer(const Bridge& bridge);

  /// A function for the calls of the next tool, for as long as the bridge may call. Nothing if all
  /// are taken.
  std::optional<ToolCallback> next_tool();

  /// Begins to read a stream of the bridge's.
  void follow(Ref stream);
  /// Asks for content that fits `schema`, which comes at once. The task is to be kept.
  Object ask(Ref session, Ref prompt, const std::string& schema, const std::string& options);

  /// Waits for what the text has grown by next: one piece for each call of the bridge. Nothing once
  /// it has ended, if tools are called, or if stopped first.
  std::optional<std::string> next(const std::stop_token& stop);
  /// Whether the text is complete; why, where it ended without that. false: it has not ended.
  [[nodiscard]] Result<bool> is_complete() const;

  /// The calls, once next() has given nothing. Those of one turn come at about the same time, from
  /// threads of their own: with `all`, what comes within a moment of the one before it is among
  /// them.
  std::vector<WaitingCall> calls(bool all, const std::stop_token& stop);

  /// Lets the waiting calls go, of `tools` in their order, until the answer has ended, which was
  /// cancelled: otherwise the bridge would keep it for ever.
  void end_calls(const std::vector<Object>& tools);

 private:
  struct State;
  const Bridge& bridge_;
  std::shared_ptr<State> state_;  ///< the bridge's callbacks share it: they may come too late
};

}  // namespace tenfold::apple_foundation
