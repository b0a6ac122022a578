// How far a prompt is read, as llama-server says it.
#pragma once

#include <chrono>
#include <map>

#include "engine/json.h"

namespace tenfold::server::openai {

/// Counts each choice's time from its first report.
class PromptTimer {
 public:
  /// {total, cache, processed, time_ms, index}: `processed` includes the tokens of the cache.
  Json describe(std::size_t choice, const PromptProgress& progress) {
    const auto now = std::chrono::steady_clock::now();
    const auto begun = begun_.try_emplace(choice, now).first->second;
    return {
        {"index", choice},
        {"total", progress.total},
        {"cache", progress.cached},
        {"processed", progress.read},
        {"time_ms", std::chrono::duration_cast<std::chrono::milliseconds>(now - begun).count()}};
  }

 private:
  std::map<std::size_t, std::chrono::steady_clock::time_point> begun_;  ///< by choice
};

}  // namespace tenfold::server::openai
