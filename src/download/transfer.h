// Fetches what is missing of a partial file, over several connections where the server has ranges.
//
// The first answer says what the file is; it must agree with what an earlier run left, and every
// later answer with it, else all begins anew. Each connection ("lane") is given the next missing
// stretch, so the file fills from the front and its hash can follow close behind. Where one lane
// brings as much as this machine can take, it stays alone: its bytes come in the order in which
// they are hashed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "download/download.h"
#include "download/http_request.h"
#include "download/partial_file.h"
#include "download/prefix_hasher.h"
#include "download/retries.h"
#include "download/speed_meter.h"

namespace tenfold {

/// Used once, by one thread.
class Transfer {
 public:
  Transfer(const DownloadRequest& request, const DownloadHooks& hooks, HttpSettings settings,
           PartialFile& partial);
  ~Transfer();

  /// All bytes are in the partial file after it; the digest in lower-case hex.
  Result<std::string> run();

  /// Bytes received, those thrown away included.
  [[nodiscard]] std::uint64_t fetched() const { return fetched_; }

 private:
  struct Lane;
  using Clock = std::chrono::steady_clock;

  Result<void> start_lanes();
  [[nodiscard]] std::optional<Extent> next_stretch() const;
  [[nodiscard]] bool can_split() const;
  [[nodiscard]] bool is_fast_enough() const;
  Result<void> start_lane(Extent stretch);

  bool on_body(Lane& lane, std::span<const std::byte> bytes);
  Result<void> flush(Lane& lane);
  std::optional<Failure> judge(Lane& lane);
  std::optional<Failure> judge_version(const ResponseHead& head);
  std::optional<Failure> confirm();
  std::optional<Failure> begin_file(const FileVersion& version);

  std::optional<Failure> outcome(Lane& lane, int code);
  Result<void> end_lane(Lane& lane, int code);
  Result<void> retry(const Failure& failure);
  Result<void> restart(const std::string& why);

  Result<void> check_cancelled() const;
  void notice(const std::string& line) const;
  Result<void> report();

  const DownloadRequest& request_;
  const DownloadHooks& hooks_;
  const HttpSettings settings_;
  PartialFile& partial_;
  Retries retries_;
  SpeedMeter meter_;
  std::unique_ptr<PrefixHasher> hasher_;
  HttpLoop loop_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  bool confirmed_ = false;  ///< an answer of this run has said what the file is
  bool ranges_ = true;      ///< the server gives parts of it
  int restarts_ = 0;
  std::uint64_t fetched_ = 0;
  Clock::time_point confirmed_at_{};
  Clock::time_point not_before_{};
  Clock::time_point reported_{};
};

}  // namespace tenfold
