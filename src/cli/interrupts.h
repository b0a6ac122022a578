// Ctrl-C. SIGINT is blocked and read from a descriptor, so that it acts where we choose: it stops
// an answer, a load or a download, or clears the prompt of a chat.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace tenfold {

/// Make one at the start of a command, before any thread: threads inherit the blocked signal.
/// Restores the old mask at the end.
class Interrupts {
 public:
  Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  ~Interrupts();

  /// Readable when Ctrl-C was pressed and not taken yet.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// Whether Ctrl-C was pressed since the last call.
  bool take();

 private:
  int descriptor_;
};

/// While it lives, the first Ctrl-C calls `on_interrupt` on another thread, and the second ends the
/// process at once with exit code 130.
class InterruptScope {
 public:
  InterruptScope(Interrupts& interrupts, std::function<void()> on_interrupt);
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
  ~InterruptScope();

  [[nodiscard]] bool interrupted() const { return interrupted_; }

 private:
  void watch();

  Interrupts& interrupts_;
  std::function<void()> on_interrupt_;
  int stop_;
  std::atomic<bool> interrupted_ = false;
  std::jthread thread_;
};

}  // namespace tenfold
