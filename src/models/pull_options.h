// What a caller of a pull can ask for, and what it is told meanwhile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "models/store.h"

namespace tenfold {

/// How far a whole pull is.
struct PullProgress {
  std::string file;        ///< the one that is coming now, below the model's folder
  std::size_t number = 1;  ///< its place among `count` files
  std::size_t count = 1;
  std::uint64_t done = 0;              ///< bytes of all files that are here
  std::optional<std::uint64_t> total;  ///< nullopt while a size is not known
  double bytes_per_second = 0;
  std::optional<double> seconds_left;
};

/// The functions may be empty. They run on the thread that pulls, and must not throw; to hand
/// events to another thread or be cancelled from one, they must do their own locking.
struct PullOptions {
  ModelStore store = {};                            ///< gets the model
  std::function<void(const std::string&)> on_step;  ///< a line for the user
  std::function<bool()>
      cancelled;               ///< polled ten times a second while bytes come or a lock is held
  bool show_download = false;  ///< pip's progress bar on standard error
  /// Refuses loopback, private and other special addresses, also behind names and redirects: for
  /// targets that come from others. Not for pip and files of a catalogue, which its keeper chose.
  bool public_hosts_only = false;
};

}  // namespace tenfold
