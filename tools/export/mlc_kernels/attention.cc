// Attention over the paged cache of TVM's runtime, and what the cache calls around it.
//
// The cache hands a step's keys and values over in up to two parts: those of the step itself, as
// they lie in memory, and those of earlier steps, in pages. Each part's answer comes with the
// logarithm (to base 2) of its softmax's sum, by which the cache has parts merged. Queries come
// scaled to base 2 (layers.cc); in the place of a scale the cache passes on the layer's window.

#include "ffi.h"
#include "vectors.h"

namespace mlc {
namespace {

constexpr int kPage = 16;
constexpr float kNothing = -5e4F;  // the logarithm of no sum at all, as TVM's own functions have it

/// Keys and values that lie together: up to a page's worth, `stride` elements from one to the next.
template <class T>
struct Piece {
  const T* keys;
  const T* values;
  std::int64_t stride;
  std::int64_t count;
};

/// What a query has seen so far.
struct Running {
  float most = kNothing;
  Floats total{};
};

/// Products of kLanes keys with a query, which is read once for all of them.
template <class T>
Floats products_of(const T* keys, std::int64_t stride, const float* query, int size) {
  Floats products[kLanes];
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; ++i) products[i] = Floats{};
  for (int d = 0; d < size; d += kLanes) {
    const Floats here = load(query + d);
#pragma GCC unroll 4
    for (int four = 0; four < kLanes; four += 4) {
      const T* key = keys + four * stride + d;
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) products[four + i] += load(key + i * stride) * here;
    }
  }
  return sums_of(products);
}

/// Of fewer keys; the other lanes are 0.
template <class T>
Floats products_of_few(const T* keys, std::int64_t count, std::int64_t stride, const float* query,
                       int size) {
  float products[kLanes] = {};
  for (std::int64_t i = 0; i < count; ++i) {
    Floats product{};
    for (int d = 0; d < size; d += kLanes) {
      product += load(keys + i * stride + d) * load(query + d);
    }
    products[i] = sum(product);
  }
  return load(products);
}

/// Weights of the piece's keys for one query, in kPage floats; those outside [from, to) are 0.
/// Rescales what was summed up before if a key outdoes the earlier ones.
template <class T>
void weigh(const Piece<T>& piece, const float* query, std::int64_t from, std::int64_t to, int size,
           Running& state, float* sums, float* weights) {
  Floats scores[kPage / kLanes];
  float most = state.most;
  for (int part = 0; part < kPage / kLanes; ++part) {
    const std::int64_t first_key = part * kLanes;
    const T* keys = piece.keys + first_key * piece.stride;
    const std::int64_t left = piece.count - first_key;
    const Floats product = left >= kLanes ? products_of(keys, piece.stride, query, size)
                                          : products_of_few(keys, left, piece.stride, query, size);
    const Ints places = lanes([](int i) { return i; }) + part * kLanes;
    const Ints first = Ints{} + static_cast<std::int32_t>(from);
    const Ints end = Ints{} + static_cast<std::int32_t>(to);
    scores[part] = (places >= first) & (places < end) ? product : all(-1e30F);
    const float here = greatest(scores[part]);
    most = here > most ? here : most;
  }
  if (most > state.most) {
    const Floats factor = exp2(all(state.most - most));
    state.total *= factor;
    for (int d = 0; d < size; d += kLanes) store(sums + d, load(sums + d) * factor);
    state.most = most;
  }
  for (int part = 0; part < kPage / kLanes; ++part) {
    const Floats weight = exp2(scores[part] - all(most));
    state.total += weight;
    store(weights + part * kLanes, weight);
  }
}

/// sums += weights · values, for `queries` queries.
template <int queries, class T>
void mix(const Piece<T>& piece, const float* weights, int size, float* sums) {
  constexpr int kWide = 4;  // vectors that are summed up at once
  int d = 0;
  for (; d + kWide * kLanes <= size; d += kWide * kLanes) {
    Floats totals[queries][kWide];
#pragma GCC unroll 2
    for (int q = 0; q < queries; ++q) {
#pragma GCC unroll 4
      for (int i = 0; i < kWide; ++i) totals[q][i] = load(sums + q * size + d + i * kLanes);
    }
    for (std::int64_t place = 0; place < piece.count; ++place) {
#pragma GCC unroll 4
      for (int i = 0; i < kWide; ++i) {
        const Floats value = load(piece.values + place * piece.stride + d + i * kLanes);
#pragma GCC unroll 2
        for (int q = 0; q < queries; ++q) totals[q][i] += value * weights[q * kPage + place];
      }
    }
#pragma GCC unroll 2
    for (int q = 0; q < queries; ++q) {
#pragma GCC unroll 4
      for (int i = 0; i < kWide; ++i) store(sums + q * size + d + i * kLanes, totals[q][i]);
    }
  }
  for (; d < size; d += kLanes) {
    for (int q = 0; q < queries; ++q) {
      Floats total = load(sums + q * size + d);
      for (std::int64_t place = 0; place < piece.count; ++place) {
        total += load(piece.values + place * piece.stride + d) * weights[q * kPage + place];
      }
      store(sums + q * size + d, total);
    }
  }
}

/// Queries [first, first + count) of one key head, a query being a token and one of the `group`
/// heads that share the key head, over all pieces of their sequence.
template <class T>
struct Block {
  const T* queries;  // of token 0 and the group's first head
  T* out;
  float* logs;
  std::int64_t heads;
  int group;
  int size;

  template <class Pieces>
  void run(std::int64_t first, int count, const Pieces& pieces, float* scratch) const {
    float* plain = scratch;
    float* sums = plain + count * size;
    float* weights = sums + count * size;
    Running states[kMost];
    for (int q = 0; q < count; ++q) {
      const T* from = queries + place(first + q) * size;
      for (int d = 0; d < size; d += kLanes) store(plain + q * size + d, load(from + d));
    }
    std::memset(sums, 0, static_cast<std::size_t>(count * size) * sizeof(float));
    pieces([&](const Piece<T>& piece, const auto& seen) {
      int pending = 0;
      for (int q = 0; q < count; ++q) {
        const auto [from, to] = seen((first + q) / group);
        const bool any = from < to;
        if (any) {
          weigh(piece, plain + q * size, from, to, size, states[q], sums + q * size,
                weights + q * kPage);
        }
        if (any && pending == 1) {
          mix<2>(piece, weights + (q - 1) * kPage, size, sums + (q - 1) * size);
          pending = 0;
        } else if (any) {
          pending = 1;
        }
        if (pending == 1 && (!any || q + 1 == count)) {
          const int last = any ? q : q - 1;
          mix<1>(piece, weights + last * kPage, size, sums + last * size);
          pending = 0;
        }
      }
    });
    for (int q = 0; q < count; ++q) {
      const float total = sum(states[q].total);
      const float factor = total > 0 ? 1.0F / total : 0.0F;
      T* to = out + place(first + q) * size;
      for (int d = 0; d < size; d += kLanes) store(to + d, load(sums + q * size + d) * factor);
      logs[place(first + q)] = total > 0 ? states[q].most + __builtin_log2f(total) : kNothing;
    }
  }

  static constexpr int kMost = 16;  // queries of a block
  static std::int64_t scratch_of(int size) { return kMost * (size * 2 + kPage) + kLanes; }

 private:
  std::int64_t place(std::int64_t query) const { return query / group * heads + query % group; }
};

struct Range {
  std::int64_t from;
  std::int64_t to;
};

/// Places of a piece that begins at position `start` and that a query at `position` sees.
Range seen_of(std::int64_t position, std::int64_t start, std::int64_t count, std::int64_t window,
              bool causal) {
  const std::int64_t first = window > 0 ? position - window + 1 - start : 0;
  const std::int64_t end = causal ? position + 1 - start : count;
  return {first > 0 ? first : 0, end < count ? end : count};
}

/// Calls attend(block, sequence, key head) for all queries of a batch, in parallel.
template <class T, class Attend>
void each_block(const DLTensor& q, std::int64_t key_heads, const std::int32_t* starts,
                std::int64_t sequences, const DLTensor& out, const DLTensor& logs,
                std::int64_t keys, const Attend& attend) {
  const std::int64_t heads = q.shape[1];
  const int group = static_cast<int>(heads / key_heads);
  const int size = static_cast<int>(q.shape[2]);
  std::int64_t blocks = 0;
  for (std::int64_t b = 0; b < sequences; ++b) {
    const std::int64_t queries = static_cast<std::int64_t>(starts[b + 1] - starts[b]) * group;
    blocks += (queries + Block<T>::kMost - 1) / Block<T>::kMost;
  }
  // The last queries see most: they come first, so that no thread begins the longest at the end.
  parallel(blocks * key_heads, q.shape[0] * heads * size * keys, [&](std::int64_t task) {
    static thread_local Scratch scratch;
    const std::int64_t head = task % key_heads;
    std::int64_t number = blocks - 1 - task / key_heads;
    for (std::int64_t b = 0; b < sequences; ++b) {
      const std::int64_t queries = static_cast<std::int64_t>(starts[b + 1] - starts[b]) * group;
      const std::int64_t own = (queries + Block<T>::kMost - 1) / Block<T>::kMost;
      if (number >= own) {
        number -= own;
        continue;
      }
      const std::int64_t offset = starts[b] * heads + head * group;
      const Block<T> block{data<T>(q) + offset * size,
                           data<T>(out) + offset * size,
                           data<float>(logs) + offset,
                           heads,
                           group,
                           size};
      const std::int64_t first = number * Block<T>::kMost;
      const std::int64_t left = queries - first;
      block.run(
          first, static_cast<int>(left < Block<T>::kMost ? left : Block<T>::kMost),
          [&](const auto& piece) { attend(b, head, piece); },
          scratch.reserve<float>(Block<T>::scratch_of(size)));
      return;
    }
  });
}

struct Paged {
  const DLTensor& q;
  const std::int32_t* starts;  // null: one token a sequence
  const DLTensor& pages;       // [page, 2, key head, kPage, size]
  const DLTensor& page_starts;
  const DLTensor& page_numbers;
  const DLTensor& length_info;  // filled places of each sequence's last page
  const DLTensor& key_positions;
  const DLTensor& query_positions;
  const DLTensor& out;
  const DLTensor& logs;
  std::int64_t window;
};

template <class T>
void attend_paged(const Paged& given) {
  const std::int64_t sequences = given.page_starts.shape[0] - 1;
  const std::int64_t key_heads = given.pages.shape[2];
  const std::int64_t size = given.pages.shape[4];
  static thread_local Scratch scratch;
  const std::int32_t* starts = given.starts;
  if (starts == nullptr) {
    auto* own = scratch.reserve<std::int32_t>(sequences + 1);
    for (std::int64_t b = 0; b <= sequences; ++b) own[b] = static_cast<std::int32_t>(b);
    starts = own;
  }
  const auto* page_starts = data<std::int32_t>(given.page_starts);
  const auto* numbers = data<std::int32_t>(given.page_numbers);
  const auto* positions = data<std::int32_t>(given.query_positions);
  each_block<T>(
      given.q, key_heads, starts, sequences, given.out, given.logs,
      given.page_numbers.shape[0] * kPage, [&](std::int64_t b, std::int64_t head, const auto& use) {
        const std::int64_t offset = data<std::int32_t>(given.key_positions)[b];
        for (std::int32_t page = page_starts[b]; page < page_starts[b + 1]; ++page) {
          const bool last = page + 1 == page_starts[b + 1];
          const T* keys =
              data<T>(given.pages) + (numbers[page] * 2 * key_heads + head) * kPage * size;
          const Piece<T> piece{keys, keys + key_heads * kPage * size, size,
                               last ? data<std::int32_t>(given.length_info)[b] : kPage};
          const std::int64_t start = offset + (page - page_starts[b]) * kPage;
          use(piece, [&](std::int64_t token) {
            return seen_of(positions[starts[b] + token], start, piece.count, given.window, false);
          });
        }
      });
}

template <class T>
void attend_ragged(const Arguments& a, std::int64_t window) {
  const DLTensor& q = a.tensor(0);
  const DLTensor& k = a.tensor(2);
  const auto* starts = data<std::int32_t>(a.tensor(1));
  const auto* key_starts = data<std::int32_t>(a.tensor(4));
  const std::int64_t key_heads = k.shape[1];
  const std::int64_t size = k.shape[2];
  each_block<T>(q, key_heads, starts, a.tensor(1).shape[0] - 1, a.tensor(7), a.tensor(8),
                k.shape[0] / 2 + 1, [&](std::int64_t b, std::int64_t head, const auto& use) {
                  const std::int64_t count = key_starts[b + 1] - key_starts[b];
                  for (std::int64_t start = 0; start < count; start += kPage) {
                    const std::int64_t offset = ((key_starts[b] + start) * key_heads + head) * size;
                    const std::int64_t left = count - start;
                    const Piece<T> piece{data<T>(k) + offset, data<T>(a.tensor(3)) + offset,
                                         key_heads * size, left < kPage ? left : kPage};
                    use(piece, [&](std::int64_t token) {
                      return seen_of(token, start, piece.count, window, true);
                    });
                  }
                });
}

}  // namespace

/// Arguments as TVM's _attention_prefill_ragged_cpu has them.
MLC_FUNCTION(tenfold_attend_step) {
  const auto window = static_cast<std::int64_t>(arguments.number(13));
  if (is_half(arguments.tensor(0))) {
    attend_ragged<Half>(arguments, window);
  } else {
    attend_ragged<float>(arguments, window);
  }
  return 0;
}

/// Arguments as TVM's _attention_prefill_cpu has them.
MLC_FUNCTION(tenfold_attend_pages) {
  const auto& a = arguments;
  const Paged given{a.tensor(0),
                    data<std::int32_t>(a.tensor(1)),
                    a.tensor(2),
                    a.tensor(3),
                    a.tensor(4),
                    a.tensor(5),
                    a.tensor(6),
                    a.tensor(7),
                    a.tensor(8),
                    a.tensor(9),
                    static_cast<std::int64_t>(a.number(14))};
  is_half(given.q) ? attend_paged<Half>(given) : attend_paged<float>(given);
  return 0;
}

/// Arguments as TVM's _attention_decode_cpu has them.
MLC_FUNCTION(tenfold_attend_token) {
  const auto& a = arguments;
  const Paged given{a.tensor(0),
                    nullptr,
                    a.tensor(1),
                    a.tensor(2),
                    a.tensor(3),
                    a.tensor(4),
                    a.tensor(5),
                    a.tensor(6),
                    a.tensor(7),
                    a.tensor(8),
                    static_cast<std::int64_t>(a.number(12))};
  is_half(given.q) ? attend_paged<Half>(given) : attend_paged<float>(given);
  return 0;
}

}  // namespace mlc
