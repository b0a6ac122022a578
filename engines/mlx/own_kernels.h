// Operators of MLX's graphs that src/kernels computes, where the wheel's own are scalar and on one
// thread: linear layers on weights as they lie in the model's files, attention, norms and gates.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/mapped_memory.h"
#include "formats/decoder_spec.h"
#include "framework.h"
#include "kernels/linear.h"
#include "kernels/thread_pool.h"
#include "tenfold/request.h"
#include "weights.h"

namespace tenfold::mlx {

/// The matrix as src/kernels takes it: a view, valid as long as the mapped file.
kernels::Weights view_of(const Matrix& matrix);

/// Keys and values of all layers, f32: [layer, head, position, number]. Pages are taken from the
/// system as they are written.
class OwnCache {
 public:
  /// out_of_memory if the system refuses.
  static Result<OwnCache> create(const DecoderSpec& spec, int context);

  [[nodiscard]] float* keys(std::size_t layer) const { return at(keys_, layer); }
  [[nodiscard]] float* values(std::size_t layer) const { return at(values_, layer); }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  OwnCache() = default;
  [[nodiscard]] float* at(const MappedMemory& memory, std::size_t layer) const {
    return reinterpret_cast<float*>(memory.get()) + layer * layer_numbers_;
  }

  std::size_t capacity_ = 0;  ///< positions
  std::size_t layer_numbers_ = 0;
  MappedMemory keys_;
  MappedMemory values_;
};

/// Attention of one layer for new positions.
struct AttentionWork {
  const OwnCache* cache = nullptr;
  std::size_t layer = 0;
  std::size_t position = 0;  ///< of the first
  std::size_t count = 0;
  std::size_t heads = 0;
  std::size_t key_heads = 0;
  std::size_t size = 0;  ///< of a head
  std::size_t window = 0;
  float scale = 1;
  float cap = 0;
  std::shared_ptr<const std::vector<float>> rotations;  ///< of kernels::fill_rotations(), or null
  std::size_t pairs = 0;
};

/// Makes arrays of MLX that are computed here, on the stream that the calling thread has. What is
/// given by reference or as a view outlives the evaluation. All numbers are f32.
class OwnKernels {
 public:
  explicit OwnKernels(kernels::Precision precision) : precision_(precision) {}

  Result<void> use_threads(int count) { return pool_.resize(static_cast<std::size_t>(count)); }

  /// [..., columns] to [..., rows]; `bias` may be empty.
  mx::array multiply(const kernels::Weights& weights, std::span<const float> bias,
                     const mx::array& x);
  /// The rows of a table of embeddings: [count, columns].
  mx::array rows(const kernels::Weights& weights, std::span<const TokenId> numbers);
  /// Over the last dimension of x, which is as long as the weight.
  mx::array rms_norm(const mx::array& x, std::span<const float> weight, float epsilon);
  /// Of gate and up, or of one array that has both beside each other: silu or gelu_tanh.
  mx::array gate(Activation activation, const std::vector<mx::array>& parts, int width);
  /// Of queries, keys and values, or of one array that has all three: turns the first two, keeps
  /// the last two in the cache, and looks at it: [1, count, heads * size].
  mx::array attend(const AttentionWork& work, const std::vector<mx::array>& parts);

 private:
  kernels::ThreadPool pool_;
  kernels::Precision precision_;
};

}  // namespace tenfold::mlx
