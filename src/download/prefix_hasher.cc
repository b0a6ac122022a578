#include "download/prefix_hasher.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

namespace tenfold {

Result<std::unique_ptr<PrefixHasher>> PrefixHasher::create(int descriptor) {
  Sha256 hash = TRY(Sha256::create());
  std::unique_ptr<PrefixHasher> hasher(new PrefixHasher(descriptor, std::move(hash)));
  hasher->thread_ =
      std::jthread([self = hasher.get()](const std::stop_token& stop) { self->work(stop); });
  return hasher;
}

PrefixHasher::~PrefixHasher() {
  thread_.request_stop();
  thread_.join();
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

void PrefixHasher::work(const std::stop_token& stop) {
  std::vector<std::byte> buffer(256 << 10);
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [&] { return hashed_ < reached_ && error_number_ == 0; })) {
    if (stop.stop_requested()) return;
    const std::uint64_t from = hashed_;
    const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), reached_ - from);
    lock.unlock();
    const ssize_t count = ::pread(descriptor_, buffer.data(), wanted, static_cast<off_t>(from));
    const int error_number = count < 0 ? errno : count == 0 ? EIO : 0;
    if (count > 0) hash_.update({buffer.data(), static_cast<std::size_t>(count)});
    lock.lock();
    if (count > 0) hashed_ += static_cast<std::uint64_t>(count);
    if (error_number != EINTR) error_number_ = error_number;
    if (hashed_ == reached_ || error_number_ != 0) changed_.notify_all();
  }
}

}  // namespace tenfold
