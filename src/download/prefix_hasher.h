// The SHA-256 of a file that is still being written, on a thread of its own, so that hashing costs
// the download no time where a core is free.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/sha256.h"
#include "tenfold/result.h"

namespace tenfold {

/// Reads the file behind the writer. One thread calls it.
class PrefixHasher {
 public:
  /// The descriptor must stay open; internal when OpenSSL has no SHA-256.
  static Result<std::unique_ptr<PrefixHasher>> create(int descriptor);
  ~PrefixHasher();

  /// The first `bytes` of the file are final.
  void reach(std::uint64_t bytes);

  /// Waits until the hash has got to what was reached, and gives it. cancelled; io.
  Result<std::string> finish(const std::function<bool()>& cancelled);

 private:
  PrefixHasher(int descriptor, Sha256 hash) : descriptor_(descriptor), hash_(std::move(hash)) {}
  void work(const std::stop_token& stop);

  int descriptor_;
  Sha256 hash_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t reached_ = 0;
  std::uint64_t hashed_ = 0;
  int error_number_ = 0;
  std::jthread thread_;
};

}  // namespace tenfold
