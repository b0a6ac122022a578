// MLX in this process: its names, its version, and the streams that its work runs on.
#pragma once

#include <mlx/mlx.h>

#include <string>

namespace tenfold::mlx {

namespace mx = ::mlx::core;

std::string framework_version();

/// A stream of MLX, with a thread of its own, for one model at a time. MLX never ends a stream, so
/// those of models that are gone serve the next ones.
class StreamLease {
 public:
  StreamLease();
  StreamLease(const StreamLease&) = delete;
  StreamLease& operator=(const StreamLease&) = delete;
  ~StreamLease();

  /// Makes what the calling thread asks of MLX from now on run on this stream. A thread that asked
  /// without it would get a stream that nobody uses again.
  void use() const;

 private:
  mx::Stream stream_;
};

}  // namespace tenfold::mlx
