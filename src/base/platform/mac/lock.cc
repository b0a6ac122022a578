#include <sandbox.h>
#include <sys/resource.h>

#include "base/platform/platform.h"

namespace tenfold::platform {
namespace {

bool limit(int resource, rlim_t value) {
  const rlimit both{value, value};
  return ::setrlimit(resource, &both) == 0;
}

}  // namespace

void forbid_cores() { limit(RLIMIT_CORE, 0); }

Result<void> lock_process() {
  char* reason = nullptr;
  if (limit(RLIMIT_CPU, 2) && limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, 16) &&
      limit(RLIMIT_FSIZE, 0) && ::sandbox_init(kSBXProfileNoWrite, SANDBOX_NAMED, &reason) == 0) {
    return {};
  }
  return fail(ErrorCode::unavailable, "the process that reads model headers cannot lock itself");
}

}  // namespace tenfold::platform
