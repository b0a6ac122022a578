// The ten engines, asked now and then.
#pragma once

#include <chrono>
#include <mutex>

#include "engine/json.h"

namespace tenfold::server::admin {

/// Remembers for some seconds what the engines said, as asking starts a program for each.
/// Thread-safe.
class EngineList {
 public:
  /// {"engines": […]}, always ten. Blocks for as long as ten programs take to start.
  Json json();

 private:
  std::mutex mutex_;  ///< held while they are asked: others wait for the same answer
  Json json_;
  std::chrono::steady_clock::time_point asked_;
};

}  // namespace tenfold::server::admin
