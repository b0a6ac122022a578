#include "prepared.h"

namespace mlc {
namespace {

constexpr float kLog2E = 1.44269504F;

Floats logistic(Floats x) { return 1.0F / (1.0F + exp2(x * -kLog2E)); }

Floats silu(Floats x) { return x * logistic(x); }

/// x · Φ(x) by its usual approximation: 0.5 (1 + tanh z) is the logistic function of 2 z.
Floats gelu(Floats x) { return x * logistic(1.5957691F * (x + 0.044715F * x * x * x)); }

template <class T, class Each>
void copy(const T* from, std::int64_t width, float* to, const Each& each) {
  std::int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) store(to + i, each(load(from + i), i, kLanes));
  if (const std::int64_t left = width - i; left > 0) {
    float few[kLanes];
    store(few, each(load_first(from + i, left), i, left));
    std::memcpy(to + i, few, static_cast<std::size_t>(left) * sizeof(float));
  }
}

template <class T>
void norm(const float* from, std::int64_t width, const T* weight, float epsilon, float* to) {
  Floats squares{};
  copy(from, width, to, [&](Floats x, std::int64_t, std::int64_t) {
    squares += x * x;
    return x;
  });
  const float mean = sum(squares) / static_cast<float>(width);
  const float factor = 1.0F / __builtin_sqrtf(mean + epsilon);
  copy(to, width, to, [&](Floats x, std::int64_t i, std::int64_t count) {
    return x * factor * load_first(weight + i, count);
  });
}

}  // namespace

void prepare(const DLTensor& x, std::int64_t row, std::int64_t width, const Around& around,
             float* to) {
  const auto same = [](Floats v, std::int64_t, std::int64_t) { return v; };
  if (is_half(x)) {
    copy(data<Half>(x) + row * width, width, to, same);
    return;
  }
  const float* from = data<float>(x) + row * width_of(x);
  switch (around.before) {
    case Around::nothing:
      copy(from, width, to, same);
      break;
    case Around::rms_norm:
      if (is_half(*around.norm)) {
        norm(from, width, data<Half>(*around.norm), around.epsilon, to);
      } else {
        norm(from, width, data<float>(*around.norm), around.epsilon, to);
      }
      break;
    case Around::silu_gate:
      copy(from, width, to, [&](Floats v, std::int64_t i, std::int64_t count) {
        return silu(v) * load_first(from + width + i, count);
      });
      break;
    case Around::gelu_gate:
      copy(from, width, to, [&](Floats v, std::int64_t i, std::int64_t count) {
        return gelu(v) * load_first(from + width + i, count);
      });
      break;
  }
}

void round(const float* from, std::int64_t width, Rounded::Block* to) {
  const std::int64_t blocks = Rounded::blocks(width);
  for (std::int64_t block = 0; block < blocks; ++block) {
    std::int8_t numbers[Rounded::kBlock] = {};
    float scales[kLanes] = {};
    const std::int64_t start = block * Rounded::kBlock;
    for (int group = 0; group < kLanes / 4 && start + group * kGroup < width; ++group) {
      const float* x = from + start + group * kGroup;
      Floats most{};
      for (int i = 0; i < kGroup; i += kLanes) {
        const Floats v = load(x + i);
        most = greater(most, greater(v, -v));
      }
      const float scale = greatest(most) / 127.0F;
      const float inverse = scale > 0 ? 1.0F / scale : 0.0F;
      for (int i = 0; i < kGroup; i += kLanes) {
        const Ints whole = nearest(load(x + i) * inverse);
        store_as(numbers + group * kGroup + i, __builtin_convertvector(whole, FewBytes));
      }
      for (int i = 0; i < 4; ++i) scales[group * 4 + i] = scale;
    }
    const auto low = load_as<SignedBytes>(numbers);
    const auto high = load_as<SignedBytes>(numbers + sizeof low);
    const auto every_second = [](int first) {
      return lanes_of<SignedBytes>([first](int i) { return first + i * 2; },
                                   std::make_integer_sequence<int, kLanes * 4>());
    };
    Rounded::Block& out = to[block];
    out.even = __builtin_shuffle(low, high, every_second(0));
    out.odd = __builtin_shuffle(low, high, every_second(1));
    const Bytes ones = Bytes{} + 1;
    out.offset = dot(dot(Ints{}, ones, out.even), ones, out.odd) * -7;
    out.scales = load(scales);
  }
}

}  // namespace mlc
