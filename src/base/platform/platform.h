// What differs between operating systems, in one folder for each: linux/ is verified by every test,
// mac/ was written from the documentation and has never been compiled. machine.h is the rest of it.
#pragma once

#include <spawn.h>
#include <sys/types.h>

#include <filesystem>

#include "tenfold/result.h"

namespace tenfold::platform {

/// Has posix_spawn() close every descriptor above `last`; returns flags for its attributes.
int close_others(posix_spawn_file_actions_t& actions, int last);

/// pipe() and a stream socketpair() with close-on-exec; 0, or -1 with errno.
int make_pipe(int (&ends)[2]);
int make_socket_pair(int (&ends)[2]);

/// rename() that fails with EEXIST where `to` exists; 0, or -1 with errno.
int rename_to_new(const char* from, const char* to);

/// The file of the running program; empty if the system does not tell.
std::filesystem::path program_path();

/// From here on no copy of this process's memory is written when it dies, nor of those it starts.
void forbid_cores();

/// From here on the process can open files for reading, map and read them, write to descriptors
/// that are open, and exit. Where the system denies the lock, TENFOLD_UNLOCKED_HEADERS=1 in the
/// environment lets the process go on with the limits of its resources alone.
Result<void> lock_process();

}  // namespace tenfold::platform
