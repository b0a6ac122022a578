// What stands between linear layers and attention.

#include <cmath>

#include "ffi.h"
#include "vectors.h"

namespace mlc {
namespace {

template <class T>
float at(const DLTensor& tensor, std::int64_t i) {
  return static_cast<float>(data<T>(tensor)[i]);
}

float weight_at(const DLTensor& tensor, std::int64_t i) {
  return is_half(tensor) ? at<Half>(tensor, i) : at<float>(tensor, i);
}

/// Root mean square norm of `width` numbers, in place.
void norm(float* x, std::int64_t width, const DLTensor& weight, float epsilon) {
  float squares = 0;
  for (std::int64_t i = 0; i < width; ++i) squares += x[i] * x[i];
  const float factor = 1.0F / std::sqrt(squares / static_cast<float>(width) + epsilon);
  for (std::int64_t i = 0; i < width; ++i) x[i] *= factor * weight_at(weight, i);
}

template <class T>
void rotate(const Arguments& a) {
  const auto heads = a.integer(0);
  const auto key_heads = a.integer(1);
  const auto scale = static_cast<float>(a.number(2));
  const bool normed = a.integer(3) != 0;
  const auto epsilon = static_cast<float>(a.number(4));
  const DLTensor& qkv = a.tensor(5);
  const DLTensor& angles = a.tensor(6);
  const DLTensor& out = a.tensor(normed ? 9 : 7);
  const std::int64_t tokens = angles.shape[0];
  const std::int64_t half = angles.shape[1] / 2;
  const std::int64_t all_heads = heads + 2 * key_heads;
  const std::int64_t size = out.shape[out.ndim - 1];
  parallel(tokens, tokens * all_heads * size * 4, [&](std::int64_t token) {
    static thread_local Scratch scratch;
    auto* x = scratch.reserve<float>(size);
    const float* cosines = data<float>(angles) + token * half * 2;
    const float* sines = cosines + half;
    for (std::int64_t head = 0; head < all_heads; ++head) {
      const std::int64_t place = (token * all_heads + head) * size;
      T* to = data<T>(out) + place;
      std::memcpy(x, data<float>(qkv) + place, static_cast<std::size_t>(size) * sizeof(float));
      if (head < heads + key_heads) {
        if (normed) norm(x, size, a.tensor(head < heads ? 7 : 8), epsilon);
        for (std::int64_t i = 0; i < half; ++i) {
          const float low = x[i];
          const float high = x[i + half];
          x[i] = low * cosines[i] - high * sines[i];
          x[i + half] = high * cosines[i] + low * sines[i];
        }
      }
      const float factor = head < heads ? scale : 1.0F;
      for (std::int64_t i = 0; i < size; ++i) to[i] = static_cast<T>(x[i] * factor);
    }
  });
}

template <class T>
void split(const Arguments& a) {
  const DLTensor& qkv = a.tensor(0);
  const std::int64_t size = qkv.shape[2];
  const T* from = data<T>(qkv);
  T* parts[] = {data<T>(a.tensor(2)), data<T>(a.tensor(3)), data<T>(a.tensor(4))};
  for (std::int64_t token = 0; token < qkv.shape[0]; ++token) {
    for (int part = 0; part < 3; ++part) {
      const std::int64_t count = a.tensor(2 + part).shape[1] * size;
      std::memcpy(parts[part] + token * count, from, static_cast<std::size_t>(count) * sizeof(T));
      from += count;
    }
  }
}

template <class T>
void append(const Arguments& a) {
  const DLTensor& pages = a.tensor(0);
  const std::int64_t heads = pages.shape[2];
  const std::int64_t page = pages.shape[3];
  const std::int64_t size = pages.shape[4];
  const DLTensor& places = a.tensor(3);
  for (std::int64_t token = 0; token < places.shape[0]; ++token) {
    const std::int64_t place = data<std::int32_t>(places)[token];
    if (place < 0) continue;
    for (int part = 0; part < 2; ++part) {
      for (std::int64_t head = 0; head < heads; ++head) {
        const T* from = data<T>(a.tensor(1 + part)) + (token * heads + head) * size;
        T* to = data<T>(pages) +
                (((place / page * 2 + part) * heads + head) * page + place % page) * size;
        std::memcpy(to, from, static_cast<std::size_t>(size) * sizeof(T));
      }
    }
  }
}

template <class T>
void merge(const Arguments& a) {
  const DLTensor& out = a.tensor(0);
  const std::int64_t size = out.shape[2];
  const std::int64_t rows = out.shape[0] * out.shape[1];
  auto* logs = data<float>(a.tensor(1));
  const auto* other_logs = data<float>(a.tensor(3));
  parallel(out.shape[0], rows * size * 4, [&](std::int64_t token) {
    for (std::int64_t i = token * out.shape[1]; i < (token + 1) * out.shape[1]; ++i) {
      const float most = logs[i] > other_logs[i] ? logs[i] : other_logs[i];
      const float own = std::exp2(logs[i] - most);
      const float other = std::exp2(other_logs[i] - most);
      T* to = data<T>(out) + i * size;
      const T* from = data<T>(a.tensor(2)) + i * size;
      for (std::int64_t d = 0; d < size; ++d) {
        to[d] =
            static_cast<T>((static_cast<float>(to[d]) * own + static_cast<float>(from[d]) * other) /
                           (own + other));
      }
      logs[i] = std::log2(own + other) + most;
    }
  });
}

}  // namespace

/// tenfold_angles(factor, positions, frequencies, out): cosines, then sines, of each position,
/// multiplied by a factor (that of a scaled rope's attention).
MLC_FUNCTION(tenfold_angles) {
  const auto factor = static_cast<float>(arguments.number(0));
  const auto* positions = data<std::int32_t>(arguments.tensor(1));
  const DLTensor& frequencies = arguments.tensor(2);
  const DLTensor& out = arguments.tensor(3);
  const std::int64_t half = frequencies.shape[0];
  for (std::int64_t token = 0; token < out.shape[0]; ++token) {
    float* to = data<float>(out) + token * half * 2;
    for (std::int64_t i = 0; i < half; ++i) {
      const float angle = static_cast<float>(positions[token]) * data<float>(frequencies)[i];
      to[i] = std::cos(angle) * factor;
      to[half + i] = std::sin(angle) * factor;
    }
  }
  return 0;
}

/// tenfold_rotate(heads, key heads, scale of queries, normed, epsilon, qkv, angles, [query norm,
/// key norm], out): norms and rotates queries and keys of [token, all heads · size].
MLC_FUNCTION(tenfold_rotate) {
  const bool normed = arguments.integer(3) != 0;
  is_half(arguments.tensor(normed ? 9 : 7)) ? rotate<Half>(arguments) : rotate<float>(arguments);
  return 0;
}

/// tenfold_norm(epsilon, x, weight, residual, out): out = residual + norm(x).
MLC_FUNCTION(tenfold_norm_add) {
  const auto epsilon = static_cast<float>(arguments.number(0));
  const DLTensor& out = arguments.tensor(4);
  const std::int64_t width = width_of(out);
  const std::int64_t rows = rows_of(out);
  parallel(rows, rows * width * 4, [&](std::int64_t row) {
    const float* residual = data<float>(arguments.tensor(3)) + row * width;
    float* to = data<float>(out) + row * width;
    static thread_local Scratch scratch;
    auto* x = scratch.reserve<float>(width);
    std::memcpy(x, data<float>(arguments.tensor(1)) + row * width,
                static_cast<std::size_t>(width) * sizeof(float));
    norm(x, width, arguments.tensor(2), epsilon);
    for (std::int64_t i = 0; i < width; ++i) to[i] = residual[i] + x[i];
  });
  return 0;
}

/// tenfold_last(x, out): the last row of x.
MLC_FUNCTION(tenfold_last) {
  const DLTensor& x = arguments.tensor(0);
  const std::int64_t width = width_of(x);
  std::memcpy(data<float>(arguments.tensor(1)), data<float>(x) + (rows_of(x) - 1) * width,
              static_cast<std::size_t>(width) * sizeof(float));
  return 0;
}

/// tenfold_take(x, positions, out): rows of x.
MLC_FUNCTION(tenfold_take) {
  const DLTensor& x = arguments.tensor(0);
  const DLTensor& positions = arguments.tensor(1);
  const std::int64_t width = width_of(x);
  for (std::int64_t i = 0; i < positions.shape[0]; ++i) {
    const std::int64_t row = data<std::int32_t>(positions)[i];
    if (row < 0 || row >= rows_of(x)) {
      TVMFFIErrorSetRaisedFromCStr("ValueError", "logits are wanted of a token that isn't there");
      return -1;
    }
    std::memcpy(data<float>(arguments.tensor(2)) + i * width, data<float>(x) + row * width,
                static_cast<std::size_t>(width) * sizeof(float));
  }
  return 0;
}

/// Arguments as TVM's _copy_single_page_cpu has them: the first `length` places of a page.
MLC_FUNCTION(tenfold_copy_page) {
  const DLTensor& pages = arguments.tensor(0);
  const std::int64_t parts = pages.shape[1] * pages.shape[2];
  const std::int64_t place = pages.shape[4] * pages.dtype.bits / 8;
  const std::int64_t part = pages.shape[3] * place;
  for (std::int64_t i = 0; i < parts; ++i) {
    std::memcpy(data<char>(pages) + (arguments.integer(2) * parts + i) * part,
                data<char>(pages) + (arguments.integer(1) * parts + i) * part,
                static_cast<std::size_t>(arguments.integer(3) * place));
  }
  return 0;
}

/// In the place of functions that only trees of tokens need.
MLC_FUNCTION(tenfold_unused) {
  TVMFFIErrorSetRaisedFromCStr("ValueError", "this library has no attention over trees of tokens");
  return -1;
}

/// Arguments as TVM's llama_rope_with_position_map has them; rotated is here already.
MLC_FUNCTION(tenfold_split) {
  is_half(arguments.tensor(0)) ? split<Half>(arguments) : split<float>(arguments);
  return 0;
}

/// Arguments as TVM's _kv_cache_transpose_append has them.
MLC_FUNCTION(tenfold_append) {
  is_half(arguments.tensor(0)) ? append<Half>(arguments) : append<float>(arguments);
  return 0;
}

/// Arguments as TVM's _merge_state_inplace_cpu has them.
MLC_FUNCTION(tenfold_merge) {
  is_half(arguments.tensor(0)) ? merge<Half>(arguments) : merge<float>(arguments);
  return 0;
}

}  // namespace mlc
