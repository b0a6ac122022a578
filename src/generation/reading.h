// How much of its input a call has read, told to its caller.
#pragma once

#include <cstddef>

#include "tenfold/engine.h"

namespace tenfold {

class Reading {
 public:
  /// `tell` may be empty; it outlives this, and is told at once that nothing of `total` is read.
  Reading(const OnPrompt& tell, std::size_t total) : tell_(tell) {
    progress_.total = static_cast<int>(total);
    add(0);
  }
  void add(std::size_t tokens) {
    progress_.read += static_cast<int>(tokens);
    if (tell_) tell_(progress_);
  }

 private:
  const OnPrompt& tell_;
  PromptProgress progress_;
};

}  // namespace tenfold
