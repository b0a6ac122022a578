// The memory of the KV cache: allocated once for the whole context, touched as tokens come.
#pragma once

#include <vector>

#include "base/mapped_memory.h"
#include "formats/decoder_graph.h"
#include "session.h"

namespace tenfold::onnxruntime {

/// Where the graph works in place, a tensor has one buffer of fixed shape that is past and present
/// at once. Elsewhere it has two: the graph reads the past from one and writes the present into the
/// other, and they change places; both hold heads × length × head size without gaps.
class KvCache {
 public:
  /// out_of_memory if the system refuses. `capacity`: tokens.
  static Result<KvCache> create(const std::vector<CacheTensor>& tensors, std::int64_t capacity);

  /// Bytes that create() allocates.
  static std::uint64_t bytes(const std::vector<CacheTensor>& tensors, std::int64_t capacity);

  /// Binds the tensors that never move. Once, before the first run.
  Result<void> bind_fixed(Session& session) const;
  /// Binds the others for a run from `length` tokens on.
  Result<void> bind_growing_past(Session& session, std::int64_t length) const;
  /// Likewise, for a run to `new_length` tokens.
  Result<void> bind_growing_present(Session& session, std::int64_t new_length) const;
  /// After a successful run: what was written becomes the past.
  void advance();
  /// Keeps the first `new_length` of `length` tokens.
  void truncate(std::int64_t length, std::int64_t new_length);

 private:
  struct Tensor {
    CacheTensor shape;
    MappedMemory past;
    MappedMemory present;  ///< null in place
  };

  std::vector<Tensor> tensors_;
  std::int64_t capacity_ = 0;
};

}  // namespace tenfold::onnxruntime
