// The threads of compiled code: loops that a library of TVM runs in parallel are shared by a pool
// of src/kernels, whose threads sleep, in place of TVM's own, which spin and belong to a process.
#pragma once

#include "kernels/thread_pool.h"

namespace tenfold::mlc {

/// Makes libraries that are loaded from now on ask us for threads. Once is enough; thread-safe.
void take_over_parallel_loops();

/// While it lives, parallel loops of the calling thread are shared by `pool`.
class UsePool {
 public:
  explicit UsePool(kernels::ThreadPool& pool);
  UsePool(const UsePool&) = delete;
  UsePool& operator=(const UsePool&) = delete;
  ~UsePool();
};

}  // namespace tenfold::mlc
