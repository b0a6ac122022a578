// Counts that are kept while answers run.
#pragma once

#include <atomic>
#include <cstdint>

namespace tenfold {

/// Each number is exact; together they are not a snapshot. Thread-safe.
struct Tally {
  std::atomic<std::uint64_t> answered = 0;
  std::atomic<std::uint64_t> failed = 0;
  std::atomic<std::uint64_t> prompt_tokens = 0;
  std::atomic<std::uint64_t> cached_tokens = 0;
  std::atomic<std::uint64_t> generated_tokens = 0;
  std::atomic<std::uint64_t> streamed_tokens = 0;  ///< generated, of answers that run, too
  std::atomic<std::int64_t> last_token = 0;        ///< ticks of ModelHost::now(); 0: none yet
};

}  // namespace tenfold
