// The SHA-256 of a file that is still being written, on a thread of its own, so that hashing costs
// the download no time where a core is free.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/sha256.h"
#include "tenfold/result.h"

namespace tenfold {

/// Hashes what it is given from memory where that is near, and reads the rest back from the file.
/// One thread calls it.
class PrefixHasher {
 public:
  /// The descriptor must stay open; internal when OpenSSL has no SHA-256.
  static Result<std::unique_ptr<PrefixHasher>> create(int descriptor);

  /// These bytes have been written at `offset` and will not change. Takes them if they are near
  /// what is hashed next, and leaves an empty vector to fill again in any case. Waits a few
  /// milliseconds when bytes come in order and faster than they are hashed.
  void offer(std::uint64_t offset, std::vector<std::byte>& bytes);

  /// The first `bytes` of the file are final.
  void reach(std::uint64_t bytes);

  /// Waits until the hash has got to what was reached, and gives it. cancelled; io.
  Result<std::string> finish(const std::function<bool()>& cancelled);

 private:
  static constexpr std::uint64_t no_end = std::numeric_limits<std::uint64_t>::max();

  PrefixHasher(int descriptor, Sha256 hash) : descriptor_(descriptor), hash_(std::move(hash)) {}
  void work(const std::stop_token& stop);
  void give_up(int error_number);
  [[nodiscard]] bool has_next() const;
  [[nodiscard]] bool has_all_before(std::uint64_t offset) const;

  int descriptor_;
  Sha256 hash_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::uint64_t, std::vector<std::byte>> pieces_;  ///< by offset, none before hashed_
  std::vector<std::vector<std::byte>> empty_;               ///< to be filled again
  std::uint64_t reached_ = 0;
  std::uint64_t hashed_ = 0;
  std::uint64_t awaited_ = no_end;  ///< what offer() waits for `hashed_` to be
  int error_number_ = 0;
  std::jthread thread_;
};

}  // namespace tenfold
