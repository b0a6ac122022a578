#include "download/prefix_hasher.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/thread.h"

namespace tenfold {
namespace {

/// What is kept in memory ahead of the hash: as much as stays in a processor's cache.
constexpr std::uint64_t near_bytes = 16 << 20;

}  // namespace

Result<std::unique_ptr<PrefixHasher>> PrefixHasher::create(int descriptor) {
  Sha256 hash = TRY(Sha256::create());
  std::unique_ptr<PrefixHasher> hasher(new PrefixHasher(descriptor, std::move(hash)));
  hasher->thread_ =
      TRY(start_thread([self = hasher.get()](const std::stop_token& stop) { self->work(stop); },
                       [self = hasher.get()](const Error&) { self->give_up(ENOMEM); }));
  return hasher;
}

void PrefixHasher::offer(std::uint64_t offset, std::vector<std::byte>& bytes) {
  {
    std::unique_lock lock(mutex_);
    const auto is_near = [&] { return offset + bytes.size() <= hashed_ + near_bytes; };
    // A short wait costs less than reading back later. It ends: what is hashed before is in memory.
    if (!is_near() && has_all_before(offset)) {
      awaited_ = std::max(offset, near_bytes / 2) - near_bytes / 2;
      changed_.wait(lock, [&] { return hashed_ >= awaited_ || error_number_ != 0; });
      awaited_ = no_end;
    }
    if (offset >= hashed_ && is_near() && !bytes.empty()) {
      pieces_.try_emplace(offset, std::move(bytes));
      bytes = {};
      if (!empty_.empty()) {
        bytes = std::move(empty_.back());
        empty_.pop_back();
      }
    }
  }
  bytes.clear();
  changed_.notify_all();
}

void PrefixHasher::reach(std::uint64_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    reached_ = std::max(reached_, bytes);
  }
  changed_.notify_all();
}

Result<std::string> PrefixHasher::finish(const std::function<bool()>& cancelled) {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, std::chrono::milliseconds(50),
                            [&] { return hashed_ == reached_ || error_number_ != 0; })) {
    if (cancelled && cancelled()) return fail(ErrorCode::cancelled, "cancelled");
  }
  if (error_number_ != 0) {
    return fail(ErrorCode::io,
                "cannot read the download back: " + std::generic_category().message(error_number_));
  }
  return hash_.finish();
}

bool PrefixHasher::has_all_before(std::uint64_t offset) const {
  std::uint64_t end = hashed_;
  for (const auto& [begin, piece] : pieces_) {
    if (begin != end) break;
    end += piece.size();
  }
  return end == offset;
}

bool PrefixHasher::has_next() const {
  if (error_number_ != 0) return false;
  return hashed_ < reached_ || (!pieces_.empty() && pieces_.begin()->first == hashed_);
}

void PrefixHasher::work(const std::stop_token& stop) {
  std::vector<std::byte> buffer(256 << 10);
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [&] { return has_next(); })) {
    if (stop.stop_requested()) return;
    const auto nearest = pieces_.begin();
    if (nearest != pieces_.end() && nearest->first == hashed_) {
      lock.unlock();
      hash_.update(nearest->second);
      lock.lock();
      hashed_ += nearest->second.size();
      empty_.push_back(std::move(nearest->second));
      pieces_.erase(nearest);
    } else {
      const std::uint64_t end =
          nearest == pieces_.end() ? reached_ : std::min(reached_, nearest->first);
      const std::uint64_t from = hashed_;
      lock.unlock();
      const ssize_t count =
          ::pread(descriptor_, buffer.data(), std::min<std::uint64_t>(buffer.size(), end - from),
                  static_cast<off_t>(from));
      const int error_number = count < 0 ? errno : count == 0 ? EIO : 0;
      if (count > 0) hash_.update({buffer.data(), static_cast<std::size_t>(count)});
      lock.lock();
      if (count > 0) hashed_ += static_cast<std::uint64_t>(count);
      if (error_number != EINTR) error_number_ = error_number;
      // Pieces offered meanwhile of what was just read.
      pieces_.erase(pieces_.begin(), pieces_.lower_bound(hashed_));
    }
    if (hashed_ == reached_ || hashed_ >= awaited_ || error_number_ != 0) changed_.notify_all();
  }
}

void PrefixHasher::give_up(int error_number) {
  {
    const std::lock_guard lock(mutex_);
    error_number_ = error_number;
  }
  changed_.notify_all();
}

}  // namespace tenfold
