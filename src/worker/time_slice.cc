#include "worker/time_slice.h"

#ifdef __linux__
// Not together with <sched.h>, which most of the standard library includes: both define
// sched_param.
#include <linux/sched/types.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace tenfold {

/// The scheduler runs the thread with the earliest deadline, which is a slice away when it begins
/// (sched(7), SCHED_OTHER). The longest slice there is makes ours the latest; the share of the
/// processor stays the same.
void give_way_to_wakers() {
#ifdef __linux__
  constexpr unsigned long long longest_slice = 100'000'000;  // ns; the kernel allows no more
  sched_attr attributes{};
  if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  attributes.sched_runtime = longest_slice;
  (void)::syscall(SYS_sched_setattr, 0, &attributes, 0);
#endif
}

}  // namespace tenfold
