// How busy and how warm the machine is, from what Linux tells in files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/json.h"

namespace tenfold::server::monitor {

/// Ticks of all processors since the start of the machine.
struct ProcessorTicks {
  std::uint64_t busy = 0;
  std::uint64_t all = 0;
};

/// From the first line of /proc/stat (proc_stat(5)); absent if it is none.
std::optional<ProcessorTicks> read_ticks(const std::string& stat);

/// Remembers its last look, as use is told by differences. Reads a good many files, and blocks for
/// a moment. Not thread-safe.
class Machine {
 public:
  /// Reads the files below `root`: "/", unless for tests.
  explicit Machine(std::filesystem::path root) : root_(std::move(root)) {}

  /// Of the form MachineStatus in openapi.json.
  Json look();

  /// How often processors slowed down to stay cool since the machine started (the kernel's
  /// thermal_throttle counters); absent where it does not count.
  [[nodiscard]] std::optional<std::uint64_t> throttles() const;

 private:
  std::filesystem::path root_;
  std::optional<ProcessorTicks> last_;
  std::optional<double> percent_;
};

}  // namespace tenfold::server::monitor
