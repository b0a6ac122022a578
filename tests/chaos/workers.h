// The worker processes of this program, for those who want to harm them.
#pragma once

#include <sys/types.h>

#include <vector>

namespace tenfold {

/// Children that run a tenfold-engine-* program.
std::vector<pid_t> running_workers();

}  // namespace tenfold
