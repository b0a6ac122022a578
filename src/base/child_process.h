// The one way in which Tenfold starts a program: what the child inherits is what is said here.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/descriptor.h"
#include "tenfold/result.h"

namespace tenfold {

/// The two ends of a pipe, or of a socket pair (where both read and write). Close-on-exec.
struct Ends {
  Descriptor first;   ///< of a pipe: reads
  Descriptor second;  ///< of a pipe: writes
};
/// io if the limit on open files is reached.
Result<Ends> make_pipe();
Result<Ends> make_socket_pair();

/// How a child is started. Its signals are handled by default and none is blocked; it has the
/// descriptors named here and no other.
struct ChildStart {
  static constexpr int channel_descriptor = 3;

  std::vector<std::string> arguments = {};  ///< the program first: a path, or a name found in PATH
  int output = -1;                          ///< its standard output; negative: thrown away
  int error = -1;                           ///< its standard error; negative: thrown away
  int channel = -1;                         ///< becomes its channel_descriptor; negative: none
  /// "NAME=VALUE", beside this process's environment; a name that stands there keeps its value.
  std::vector<std::string> environment = {};
  bool own_group = false;  ///< leads a process group, so that signals reach all that it starts
};

/// The number under which its owner waits for it (waitpid). Standard input is empty. unavailable,
/// naming the program, if it cannot be run.
Result<pid_t> start_child(const ChildStart& start);

}  // namespace tenfold
