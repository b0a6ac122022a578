// Linear layers: four rows of weights with as many tokens as make one vector of sums.

#include "prepared.h"

namespace mlc {
namespace {

constexpr int kRows = 4;
constexpr int kTokens = kLanes / kRows;
constexpr std::int64_t kTogether = 32;  // rows that a block of tokens meets while it is near

/// 4-bit weights, 8 in a word and a scale for each 32, with inputs rounded to 8 bits.
template <class Scale>
struct Grouped {
  using Input = Rounded::Block;

  const std::uint32_t* words;
  const Scale* scales;
  std::int64_t width;

  Grouped(const DLTensor* parts, const DLTensor* second, std::int64_t inputs)
      : words(data<std::uint32_t>(*parts)), scales(data<Scale>(*second)), width(inputs) {}

  static std::int64_t inputs_of(const DLTensor& words) { return width_of(words) * 8; }
  static std::int64_t length(std::int64_t width) { return Rounded::blocks(width); }

  static void take(const DLTensor& x, std::int64_t row, std::int64_t width, const Around& around,
                   Input* to) {
    static thread_local Scratch scratch;
    auto* plain = scratch.reserve<float>(width + kLanes);
    prepare(x, row, width, around, plain);
    round(plain, width, to);
  }

  template <int rows, int tokens>
  void add(std::int64_t row, const Input* x, std::int64_t stride, Floats* totals) const {
    const std::int64_t row_words = width / 8;
    const std::int64_t row_scales = width / kGroup;
    const auto* words_of = words + row * row_words;
    const auto* scales_of = scales + row * row_scales;
    const auto step = [&](std::int64_t block, const auto& word, const auto& scale) {
#pragma GCC unroll 4
      for (int r = 0; r < rows; ++r) {
        const Ints packed = word(words_of + r * row_words + block * kLanes);
        const Bytes low = reinterpret_cast<Bytes>(packed) & (Bytes{} + 15);
        const Bytes high = reinterpret_cast<Bytes>(packed >> 4) & (Bytes{} + 15);
        const Floats factor = scale(scales_of + r * row_scales + block * (kLanes / 4));
#pragma GCC unroll 4
        for (int t = 0; t < tokens; ++t) {
          const Input& in = x[t * stride + block];
          const Ints products = dot(dot(in.offset, low, in.even), high, in.odd);
          totals[r * tokens + t] +=
              __builtin_convertvector(products, Floats) * (factor * in.scales);
        }
      }
    };
    const std::int64_t whole = row_words / kLanes;
    for (std::int64_t block = 0; block < whole; ++block) {
      step(
          block, [](const std::uint32_t* from) { return load_as<Ints>(from); },
          [](const Scale* from) { return each_four(from); });
    }
    if (const std::int64_t left = row_words % kLanes; left > 0) {
      step(
          whole, [left](const std::uint32_t* from) { return words_first(from, left); },
          [left](const Scale* from) { return each_four(from, left / 4); });
    }
  }

  void row_of(std::int64_t row, float factor, float* to) const {
    for (std::int64_t i = 0; i < width; ++i) {
      const std::uint32_t word = words[row * (width / 8) + i / 8];
      const auto number = static_cast<float>(static_cast<int>(word >> (i % 8 * 4) & 15U) - 7);
      to[i] = number * static_cast<float>(scales[row * (width / kGroup) + i / kGroup]) * factor;
    }
  }
};

/// Weights as floats of 32 or 16 bits.
template <class Element>
struct Plain {
  using Input = Floats;

  const Element* weights;
  std::int64_t width;

  Plain(const DLTensor* parts, const DLTensor*, std::int64_t inputs)
      : weights(data<Element>(*parts)), width(inputs) {}

  static std::int64_t inputs_of(const DLTensor& weights) { return width_of(weights); }
  static std::int64_t length(std::int64_t width) { return (width + kLanes - 1) / kLanes; }

  static void take(const DLTensor& x, std::int64_t row, std::int64_t width, const Around& around,
                   Input* to) {
    to[length(width) - 1] = Floats{};
    prepare(x, row, width, around, reinterpret_cast<float*>(to));
  }

  template <int rows, int tokens>
  void add(std::int64_t row, const Input* x, std::int64_t stride, Floats* totals) const {
    const auto step = [&](std::int64_t i, const auto& weight) {
#pragma GCC unroll 4
      for (int r = 0; r < rows; ++r) {
        const Floats w = weight(weights + (row + r) * width + i * kLanes);
#pragma GCC unroll 4
        for (int t = 0; t < tokens; ++t) totals[r * tokens + t] += w * x[t * stride + i];
      }
    };
    const std::int64_t whole = width / kLanes;
    for (std::int64_t i = 0; i < whole; ++i) step(i, [](const Element* w) { return load(w); });
    if (const std::int64_t left = width % kLanes; left > 0) {
      step(whole, [left](const Element* w) { return load_first(w, left); });
    }
  }

  void row_of(std::int64_t row, float factor, float* to) const {
    for (std::int64_t i = 0; i < width; ++i) {
      to[i] = static_cast<float>(weights[row * width + i]) * factor;
    }
  }
};

/// Where sums go.
struct Output {
  float* to;
  std::int64_t rows;
  const Around& around;

  void put(std::int64_t token, std::int64_t row, float value) const {
    if (around.bias != nullptr) {
      value += is_half(*around.bias) ? static_cast<float>(data<Half>(*around.bias)[row])
                                     : data<float>(*around.bias)[row];
    }
    if (around.residual != nullptr) value += data<float>(*around.residual)[token * rows + row];
    to[token * rows + row] = value;
  }
};

/// One block of `rows` rows and `tokens` tokens.
template <int rows, int tokens, class Weights>
void tile(const Weights& weights, std::int64_t row, const typename Weights::Input* x,
          std::int64_t stride, std::int64_t token, const Output& output) {
  Floats totals[rows * tokens] = {};  // in registers, once all loops over it are unrolled
  weights.template add<rows, tokens>(row, x + token * stride, stride, totals);
  if constexpr (rows * tokens == kLanes) {
    const Floats sums = sums_of(totals);
    for (int i = 0; i < kLanes; ++i) output.put(token + i % tokens, row + i / tokens, sums[i]);
  } else {
    for (int i = 0; i < rows * tokens; ++i) {
      output.put(token + i % tokens, row + i / tokens, sum(totals[i]));
    }
  }
}

/// Rows [first, last) for tokens [0, count).
template <class Weights>
void rows_of_tokens(const Weights& weights, std::int64_t first, std::int64_t last,
                    const typename Weights::Input* x, std::int64_t stride, std::int64_t count,
                    const Output& output) {
  std::int64_t token = 0;
  for (; token + kTokens <= count; token += kTokens) {
    std::int64_t row = first;
    for (; row + kRows <= last; row += kRows) {
      tile<kRows, kTokens>(weights, row, x, stride, token, output);
    }
    for (; row < last; ++row) tile<1, kTokens>(weights, row, x, stride, token, output);
  }
  for (; token < count; ++token) {
    std::int64_t row = first;
    for (; row + kRows <= last; row += kRows) {
      tile<kRows, 1>(weights, row, x, stride, token, output);
    }
    for (; row < last; ++row) tile<1, 1>(weights, row, x, stride, token, output);
  }
}

template <class Weights>
void linear(const DLTensor& x, const DLTensor* parts, const DLTensor* second, const Around& around,
            const DLTensor& out) {
  using Input = typename Weights::Input;
  static thread_local Scratch scratch;
  const std::int64_t count = rows_of(out);
  const std::int64_t rows = width_of(out);
  const std::int64_t width = Weights::inputs_of(*parts);
  const std::int64_t stride = Weights::length(width);
  const Weights weights(parts, second, width);
  const Output output{data<float>(out), rows, around};
  const std::int64_t worth = count * rows * width;
  const std::int64_t chunks = (rows + kTogether - 1) / kTogether;
  const auto run = [&](const Input* inputs, std::int64_t chunk) {
    const std::int64_t first = chunk * kTogether;
    const std::int64_t last = first + kTogether < rows ? first + kTogether : rows;
    rows_of_tokens(weights, first, last, inputs, stride, count, output);
  };
  if (count == 1) {  // each thread prepares the input for itself: that's sooner than to wait
    parallel(
        chunks, worth,
        [&] {
          auto* own = scratch.reserve<Input>(stride);
          Weights::take(x, 0, width, around, own);
          return static_cast<const Input*>(own);
        },
        run);
    return;
  }
  auto* inputs = scratch.reserve<Input>(count * stride);
  parallel(count, count * width * 8, [&](std::int64_t token) {
    Weights::take(x, token, width, around, inputs + token * stride);
  });
  parallel(
      chunks, worth, [&] { return static_cast<const Input*>(inputs); }, run);
}

template <class Weights>
int embed(const DLTensor& ids, const DLTensor* parts, const DLTensor* second, float factor,
          const DLTensor& out) {
  const std::int64_t width = Weights::inputs_of(*parts);
  const Weights weights(parts, second, width);
  for (std::int64_t i = 0; i < ids.shape[0]; ++i) {
    const std::int64_t id = data<std::int32_t>(ids)[i];
    if (id < 0 || id >= parts->shape[0]) {
      TVMFFIErrorSetRaisedFromCStr("ValueError", "a token's number is beyond the vocabulary");
      return -1;
    }
    weights.row_of(id, factor, data<float>(out) + i * width);
  }
  return 0;
}

/// Calls `use` with the kind of weights that begin at `parts`.
template <class Use>
int with_weights(const DLTensor& first, const DLTensor* second, const Use& use) {
  if (first.dtype.code == kDLUInt) {
    return is_half(*second) ? use.template operator()<Grouped<Half>>()
                            : use.template operator()<Grouped<float>>();
  }
  return is_half(first) ? use.template operator()<Plain<Half>>()
                        : use.template operator()<Plain<float>>();
}

}  // namespace

/// tenfold_linear(before, epsilon, has_bias, has_residual, parts, x, [norm], [bias], [residual],
/// weight (and scale), out)
MLC_FUNCTION(tenfold_linear) {
  Around around;
  around.before = static_cast<Around::Before>(arguments.integer(0));
  around.epsilon = static_cast<float>(arguments.number(1));
  const bool grouped = arguments.integer(4) == 2;
  int next = 5;
  const DLTensor& x = arguments.tensor(next++);
  if (around.before == Around::rms_norm) around.norm = &arguments.tensor(next++);
  if (arguments.integer(2) != 0) around.bias = &arguments.tensor(next++);
  if (arguments.integer(3) != 0) around.residual = &arguments.tensor(next++);
  const DLTensor& weight = arguments.tensor(next++);
  const DLTensor* scale = grouped ? &arguments.tensor(next++) : nullptr;
  const DLTensor& out = arguments.tensor(next);
  return with_weights(weight, scale, [&]<class Weights>() {
    linear<Weights>(x, &weight, scale, around, out);
    return 0;
  });
}

/// tenfold_embed(factor, parts, ids, weight (and scale), out)
MLC_FUNCTION(tenfold_embed) {
  const bool grouped = arguments.integer(1) == 2;
  const DLTensor& weight = arguments.tensor(3);
  const DLTensor* scale = grouped ? &arguments.tensor(4) : nullptr;
  const DLTensor& out = arguments.tensor(grouped ? 5 : 4);
  return with_weights(weight, scale, [&]<class Weights>() {
    return embed<Weights>(arguments.tensor(2), &weight, scale,
                          static_cast<float>(arguments.number(0)), out);
  });
}

}  // namespace mlc
