#include "cli/interrupts.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <utility>

#include "base/thread.h"
#include "cli/exit_code.h"

namespace tenfold {
namespace {

sigset_t interrupt_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

Interrupts::Interrupts() {
  const sigset_t set = interrupt_set();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  descriptor_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

Interrupts::~Interrupts() {
  take();  // or it would end the process once it is unblocked
  ::close(descriptor_);
  const sigset_t set = interrupt_set();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

bool Interrupts::take() {
  signalfd_siginfo info;
  bool any = false;
  while (::read(descriptor_, &info, sizeof info) == sizeof info) any = true;
  return any;
}

InterruptScope::InterruptScope(Interrupts& interrupts, std::function<void()> on_interrupt)
    : interrupts_(interrupts),
      on_interrupt_(std::move(on_interrupt)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  auto thread = start_thread(
      [this] { watch(); }, [](const Error&) { ::_exit(static_cast<int>(ExitCode::interrupted)); });
  if (!thread.ok()) throw std::runtime_error(thread.error().message);  // run_cli() says so
  thread_ = std::move(*thread);
}

InterruptScope::~InterruptScope() {
  const std::uint64_t one = 1;
  // Writing to a fresh event descriptor cannot fail.
  [[maybe_unused]] const ssize_t written = ::write(stop_, &one, sizeof one);
  thread_.join();
  ::close(stop_);
}

void InterruptScope::watch() {
  while (true) {
    pollfd waiting[] = {{interrupts_.descriptor(), POLLIN, 0}, {stop_, POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0) continue;
    if ((waiting[1].revents & POLLIN) != 0) return;
    if (!interrupts_.take()) continue;
    if (interrupted_.exchange(true)) ::_exit(static_cast<int>(ExitCode::interrupted));
    on_interrupt_();
  }
}

}  // namespace tenfold
