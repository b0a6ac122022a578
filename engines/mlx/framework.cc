#include "framework.h"

#include <mutex>
#include <vector>

namespace tenfold::mlx {
namespace {

std::mutex mutex;
std::vector<mx::Stream> unused;  // guarded by mutex

mx::Stream take_stream() {
  const std::lock_guard lock(mutex);
  if (!unused.empty()) {
    const mx::Stream stream = unused.back();
    unused.pop_back();
    return stream;
  }
  // Compiled code would come from a compiler, by way of a folder that all users can write to.
  mx::disable_compile();
  return mx::new_thread_unsafe_stream(mx::default_device());
}

}  // namespace

std::string framework_version() { return mx::version(); }

StreamLease::StreamLease() : stream_(take_stream()) {}

StreamLease::~StreamLease() {
  const std::lock_guard lock(mutex);
  unused.push_back(stream_);
}

void StreamLease::use() const {
  mx::set_default_device(stream_.device);
  mx::set_default_stream(stream_);
}

}  // namespace tenfold::mlx
