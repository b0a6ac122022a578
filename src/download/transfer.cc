#include "download/transfer.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tenfold {
namespace {

constexpr std::uint64_t smallest_stretch = 4 * block_bytes;
constexpr std::uint64_t largest_stretch = 32 * block_bytes;
/// Written at once: a multiple of the pages, small enough for a processor's own cache.
constexpr std::uint64_t piece_bytes = 256 << 10;
/// A connection this fast leaves nothing for others to gain.
constexpr double fast_bytes_per_second = 256 << 20;
constexpr int most_restarts = 3;
/// How long the first connection is watched before others may come.
constexpr std::chrono::milliseconds first_look{300};

Failure refusal(ErrorCode code, std::string message, std::string hint = {}) {
  return {Remedy::none, fail(code, std::move(message), std::move(hint))};
}

Failure begin_again(std::string why) {
  return {Remedy::restart, fail(ErrorCode::io, std::move(why), "try again later")};
}

bool is_page_name(const std::filesystem::path& target) {
  return target.extension() == ".html" || target.extension() == ".htm";
}

}  // namespace

struct Transfer::Lane {
  std::uint64_t position = 0;          ///< of the next byte to write
  std::vector<std::byte> unwritten{};  ///< what has come from there on
  std::uint64_t end = Extent::no_end;  ///< after the last byte it will write
  bool ranged = false;                 ///< a range was asked for
  bool judged = false;
  std::optional<Failure> failure{};
  std::unique_ptr<HttpRequest> request{};
};

Transfer::Transfer(const DownloadRequest& request, const DownloadHooks& hooks,
                   HttpSettings settings, PartialFile& partial)
    : request_(request),
      hooks_(hooks),
      settings_(std::move(settings)),
      partial_(partial),
      retries_(request.patience) {}

Transfer::~Transfer() {
  for (const auto& lane : lanes_) loop_.remove(*lane->request);
}

Result<std::string> Transfer::run() {
  hasher_ = TRY(PrefixHasher::create(partial_.descriptor()));
  while (true) {
    TRY(check_cancelled());
    TRY(start_lanes());
    if (lanes_.empty() && !partial_.missing(0)) break;
    for (const HttpLoop::Ended& ended : loop_.run(HttpLoop::tick)) {
      // A restart has dropped the lanes that ended in the same turn.
      const auto lane = std::find_if(lanes_.begin(), lanes_.end(), [&](const auto& candidate) {
        return candidate->request.get() == ended.request;
      });
      if (lane == lanes_.end()) continue;
      const std::unique_ptr<Lane> owned = std::move(*lane);
      lanes_.erase(lane);
      TRY(end_lane(*owned, ended.code));
    }
    hasher_->reach(partial_.prefix());
    if (Clock::now() >= reported_ + HttpLoop::tick) TRY(report());
  }
  TRY(report());
  return hasher_->finish(hooks_.cancelled);
}

Result<void> Transfer::start_lanes() {
  if (Clock::now() < not_before_) return {};
  const bool split = can_split() && !is_fast_enough();
  const std::size_t wanted = split ? static_cast<std::size_t>(request_.parts) : 1;
  while (lanes_.size() < wanted) {
    const std::optional<Extent> stretch = next_stretch();
    if (!stretch) return {};
    TRY(start_lane(*stretch));
  }
  return {};
}

bool Transfer::can_split() const {
  return confirmed_ && ranges_ && partial_.version()->bytes.has_value();
}

bool Transfer::is_fast_enough() const {
  if (Clock::now() < confirmed_at_ + first_look) return true;  // not known yet
  return meter_.bytes_per_second() > static_cast<double>(lanes_.size()) * fast_bytes_per_second;
}

std::optional<Extent> Transfer::next_stretch() const {
  std::uint64_t from = 0;
  while (true) {
    std::optional<Extent> gap = partial_.missing(from);
    if (!gap) return std::nullopt;
    std::uint64_t claimed_until = gap->begin;
    for (const auto& lane : lanes_) {
      if (lane->position <= gap->begin && gap->begin < lane->end) claimed_until = lane->end;
      if (lane->position > gap->begin) gap->end = std::min(gap->end, lane->position);
    }
    if (claimed_until == Extent::no_end) return std::nullopt;
    if (claimed_until > gap->begin) {
      from = claimed_until;
      continue;
    }
    if (request_.parts == 1) return gap;
    const std::uint64_t total =
        partial_.version() ? partial_.version()->bytes.value_or(0) : request_.bytes.value_or(0);
    const std::uint64_t left = total > partial_.done() ? total - partial_.done() : 0;
    const std::uint64_t share = left / (2 * static_cast<std::uint64_t>(request_.parts));
    const std::uint64_t size = std::clamp(share, smallest_stretch, largest_stretch);
    // Ends between blocks, so that each block has one writer.
    const std::uint64_t end = (gap->begin + size) / block_bytes * block_bytes;
    gap->end = std::min(gap->end, end);
    return gap;
  }
}

Result<void> Transfer::start_lane(Extent stretch) {
  auto lane = std::make_unique<Lane>();
  lane->position = stretch.begin;
  lane->end = stretch.end;
  lane->ranged = ranges_;
  lane->request = TRY(HttpRequest::create(
      settings_,
      [this, raw = lane.get()](std::span<const std::byte> bytes) { return on_body(*raw, bytes); }));
  if (ranges_) {
    const std::string validator = partial_.version() ? partial_.version()->validator() : "";
    TRY(lane->request->set_range(stretch.begin, stretch.end, validator));
  } else {
    lane->end = Extent::no_end;
  }
  loop_.add(*lane->request);
  lanes_.push_back(std::move(lane));
  return {};
}

bool Transfer::on_body(Lane& lane, std::span<const std::byte> bytes) {
  fetched_ += bytes.size();
  if (!lane.judged) {
    lane.judged = true;
    lane.failure = judge(lane);
    if (lane.failure) return false;
  }
  if (lane.unwritten.size() + bytes.size() > lane.end - lane.position) {
    lane.failure = refusal(ErrorCode::io, "the server of " + settings_.shown_url +
                                              " sends more bytes than it announced");
    return false;
  }
  if (ranges_) retries_.progressed(bytes.size());
  while (!bytes.empty()) {
    const std::uint64_t used = lane.position % piece_bytes + lane.unwritten.size();
    const auto next = bytes.first(std::min<std::uint64_t>(bytes.size(), piece_bytes - used));
    lane.unwritten.insert(lane.unwritten.end(), next.begin(), next.end());
    bytes = bytes.subspan(next.size());
    if (used + next.size() < piece_bytes) continue;
    if (Result<void> written = flush(lane); !written.ok()) {
      lane.failure = Failure{Remedy::none, std::move(written).error()};
      return false;
    }
  }
  return true;
}

Result<void> Transfer::flush(Lane& lane) {
  Result<void> written = partial_.write(lane.position, lane.unwritten);
  if (!written.ok() && written.error().code == ErrorCode::disk_full) {
    written.error().hint = "free some space and run the command again: what arrived is kept";
  }
  TRY(std::move(written));
  const std::uint64_t offset = std::exchange(lane.position, lane.position + lane.unwritten.size());
  hasher_->offer(offset, lane.unwritten);
  return {};
}

/// Whether the lane may write what this response brings, decided when its head is there.
std::optional<Failure> Transfer::judge(Lane& lane) {
  const ResponseHead& head = lane.request->head();
  const bool fresh = lane.position == 0 && partial_.done() == 0;
  if (head.status == 416) {
    const bool empty = head.content_range && head.content_range->total == 0;
    if (empty && fresh) {
      lane.end = 0;
      return begin_file({0, head.etag, head.last_modified});
    }
    return begin_again("the file on the server is shorter than what is here");
  }
  if (head.status != 200 && head.status != 206) return lane.request->status_failure();
  if (head.content_type == "text/html" && !is_page_name(request_.target)) {
    return refusal(ErrorCode::bad_model, settings_.shown_url + " is an HTML page, not a model file",
                   "use the file's download link; on a network with a login page, log in first");
  }
  if (!head.content_encoding.empty() && head.content_encoding != "identity") {
    return refusal(ErrorCode::io,
                   fmt::format("the server sends {} encoded as {}, which was not asked",
                               settings_.shown_url, head.content_encoding));
  }
  if (head.status == 206) {
    if (!head.content_range || !head.content_range->total) {
      if (!lane.ranged)
        return refusal(ErrorCode::io,
                       "the server sends a part of " + settings_.shown_url + " nobody asked for");
      ranges_ = false;
      return begin_again("the server's ranges cannot be used");
    }
    if (head.content_range->first != lane.position || head.content_range->last >= lane.end) {
      return refusal(ErrorCode::io,
                     fmt::format("the server sends other bytes of {} than those asked for",
                                 settings_.shown_url));
    }
    lane.end = head.content_range->last + 1;
    return judge_version(head);
  }
  const bool known = partial_.version().has_value();
  const bool changed = known && !partial_.version()->same_as(head.version());
  if (!fresh || lanes_.size() > 1) {
    ranges_ = changed;
    return begin_again(changed ? "the file changed on the server" : "the server cannot resume");
  }
  ranges_ = false;
  lane.end = head.version().bytes.value_or(Extent::no_end);
  const bool delimited = head.chunked || head.content_length;
  if (!delimited && !request_.bytes && request_.sha256.empty()) {
    return refusal(ErrorCode::io,
                   "the server does not say how long " + settings_.shown_url +
                       " is, so a cut could not be seen",
                   "give the file's SHA-256");
  }
  return judge_version(head);
}

std::optional<Failure> Transfer::judge_version(const ResponseHead& head) {
  const FileVersion version = head.version();
  if (request_.bytes && version.bytes && *version.bytes != *request_.bytes) {
    return refusal(ErrorCode::bad_model,
                   fmt::format("{} has {} bytes, expected {}", settings_.shown_url, *version.bytes,
                               *request_.bytes),
                   "the file is not the one that was published; check its page");
  }
  if (partial_.version() && (confirmed_ || partial_.done() > 0)) {
    if (!partial_.version()->same_as(version)) {
      return begin_again("the file changed on the server");
    }
    return confirmed_ ? std::nullopt : confirm();
  }
  // Parts that nothing ties to one version must not be put together.
  if (version.validator().empty() && request_.sha256.empty()) ranges_ = false;
  return begin_file(version);
}

std::optional<Failure> Transfer::begin_file(const FileVersion& version) {
  Result<void> started = partial_.start(request_.url, request_.sha256, version);
  if (!started.ok()) return Failure{Remedy::none, std::move(started).error()};
  return confirm();
}

/// What is still to come is known now, and must fit.
std::optional<Failure> Transfer::confirm() {
  confirmed_ = true;
  confirmed_at_ = Clock::now();
  meter_.add(confirmed_at_, fetched_);
  std::error_code error;
  const std::filesystem::path folder =
      request_.target.has_parent_path() ? request_.target.parent_path() : ".";
  const std::filesystem::space_info space = std::filesystem::space(folder, error);
  const std::uint64_t missing = partial_.version()->bytes.value_or(0) - partial_.done();
  if (error || !partial_.version()->bytes || missing <= space.available) return std::nullopt;
  return refusal(
      ErrorCode::disk_full,
      fmt::format("{} needs {} bytes in {}, but {} are free", request_.target.filename().string(),
                  missing, folder.string(), space.available),
      "free some space, or choose a folder on another disk");
}

/// What went wrong with a lane that ended; nothing if it brought all it should.
std::optional<Failure> Transfer::outcome(Lane& lane, int code) {
  if (lane.failure) return lane.failure;
  if (Result<void> written = flush(lane); !written.ok()) {
    return Failure{Remedy::none, std::move(written).error()};
  }
  if (code != CURLE_OK) return lane.request->curl_failure(code);
  if (!lane.judged) {
    lane.judged = true;
    if (std::optional<Failure> failure = judge(lane)) return failure;
  }
  if (lane.end == Extent::no_end) {
    Result<void> ended = partial_.end_at(lane.position);
    if (!ended.ok()) return Failure{Remedy::none, std::move(ended).error()};
    return std::nullopt;
  }
  if (lane.position == lane.end) return std::nullopt;
  return lane.request->curl_failure(CURLE_PARTIAL_FILE);
}

Result<void> Transfer::end_lane(Lane& lane, int code) {
  const std::optional<Failure> failure = outcome(lane, code);
  if (!failure) return {};
  if (failure->remedy == Remedy::none) return failure->error;
  if (failure->remedy == Remedy::restart) return restart(failure->error.message);
  TRY(retry(*failure));
  const bool glueable = ranges_ && partial_.version();
  if (!glueable && confirmed_) {
    notice("the server cannot resume; starting over");
    confirmed_ = false;
    hasher_ = TRY(PrefixHasher::create(partial_.descriptor()));
    return partial_.start(request_.url, request_.sha256, {});
  }
  return {};
}

Result<void> Transfer::retry(const Failure& failure) {
  // Lanes that fail together are one failure.
  if (Clock::now() < not_before_) return {};
  const std::optional<std::chrono::milliseconds> pause = retries_.failed(failure.retry_after);
  if (!pause) {
    Error error = failure.error;
    error.message +=
        fmt::format(" ({} tries, {} bytes are here)", retries_.failures(), partial_.done());
    return error;
  }
  not_before_ = Clock::now() + *pause;
  notice(fmt::format("{}; trying again in {:.1f} s", failure.error.message,
                     static_cast<double>(pause->count()) / 1000));
  return {};
}

Result<void> Transfer::restart(const std::string& why) {
  if (++restarts_ > most_restarts) {
    return fail(
        ErrorCode::io,
        fmt::format("{} keeps changing while it is downloaded: {}", settings_.shown_url, why),
        "try again later");
  }
  notice(why + "; starting over");
  for (const auto& lane : lanes_) loop_.remove(*lane->request);
  lanes_.clear();
  confirmed_ = false;
  hasher_ = TRY(PrefixHasher::create(partial_.descriptor()));
  return partial_.start(request_.url, request_.sha256, {});
}

Result<void> Transfer::check_cancelled() const {
  if (!hooks_.cancelled || !hooks_.cancelled()) return {};
  return fail(ErrorCode::cancelled, "the download of " + settings_.shown_url + " was cancelled",
              "what arrived is kept; run the command again to go on");
}

void Transfer::notice(const std::string& line) const {
  if (hooks_.on_notice) hooks_.on_notice(line);
}

Result<void> Transfer::report() {
  for (const auto& lane : lanes_) TRY(flush(*lane));
  hasher_->reach(partial_.prefix());
  reported_ = Clock::now();
  if (confirmed_) meter_.add(reported_, fetched_);
  if (!hooks_.on_progress) return {};
  DownloadProgress progress{partial_.done(), fetched_};
  if (partial_.version()) progress.total = partial_.version()->bytes;
  progress.bytes_per_second = meter_.bytes_per_second();
  if (progress.total && progress.bytes_per_second > 0) {
    progress.seconds_left =
        static_cast<double>(*progress.total - progress.done) / progress.bytes_per_second;
  }
  hooks_.on_progress(progress);
  return {};
}

}  // namespace tenfold
