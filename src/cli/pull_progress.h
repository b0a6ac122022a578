// How far a pull is: one redrawn line on a terminal, a line now and then elsewhere, or JSON events.
#pragma once

#include <chrono>

#include "cli/console.h"
#include "models/pull_options.h"

namespace tenfold {

/// "2/5 model.gguf  312 of 1820 MiB  17 %  24.1 MiB/s  1:02 left"
std::string progress_text(const PullProgress& progress);

class PullProgressPrinter {
 public:
  /// `console` must outlive it.
  explicit PullProgressPrinter(Console& console) : console_(console) {}

  /// May be called often: what would flood is left out. With --json each is one object on a line:
  /// {"event":"progress","file","number","count","done","total","bytes_per_second","seconds_left"}.
  void show(const PullProgress& progress);
  /// {"event":"notice","text"} with --json.
  void notice(const std::string& text);

 private:
  Console& console_;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace tenfold
