// What the linear layers of src/kernels do, on the shapes of SmolLM2-135M and Gemma 3 270M: the
// memory of weights that is gone through for one row of x (an answer) and the arithmetic for many
// (a prompt), and how far Precision::fast is from exact.
//   kernels [THREADS [ROWS]]     2 threads and 512 rows unless given
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <random>
#include <vector>

#include "kernels/linear.h"
#include "kernels/thread_pool.h"

namespace {

using namespace tenfold::kernels;
using Clock = std::chrono::steady_clock;

struct Shape {
  const char* name;
  std::size_t rows, columns;
};
constexpr Shape shapes[] = {
    {"SmolLM2 attention", 576, 576}, {"SmolLM2 up", 1536, 576},      {"SmolLM2 down", 576, 1536},
    {"SmolLM2 head", 49152, 576},    {"Gemma 3 queries", 1024, 640}, {"Gemma 3 up", 2048, 640},
    {"Gemma 3 down", 640, 2048},     {"Gemma 3 head", 262144, 640},
};

struct Kind {
  const char* name;
  Form form;
  unsigned bits;
  std::size_t group;
};
constexpr Kind kinds[] = {
    {"f32", Form::f32, 0, 0},
    {"bf16", Form::bf16, 0, 0},
    {"f16", Form::f16, 0, 0},
    {"4 bits of 32", Form::affine, 4, 32},
    {"4 bits of 64", Form::affine, 4, 64},
    {"8 bits of 64", Form::affine, 8, 64},
    {"3 bits of 64", Form::affine, 3, 64},
    {"mxfp4", Form::mxfp4, 0, 0},
};

/// Weights about as large as those of a model; scales and biases in f32.
struct Made {
  std::vector<std::uint32_t> data;
  std::vector<float> scales, biases;
  std::vector<std::byte> exponents;
  Weights weights;

  Made(const Kind& kind, const Shape& shape) {
    std::mt19937 random(1);
    weights.form = kind.form;
    weights.rows = shape.rows;
    weights.columns = shape.columns;
    weights.bits = kind.bits;
    weights.group = kind.group;
    data.resize(weights.row_bytes() * shape.rows / 4);
    for (auto& word : data) {
      word = static_cast<std::uint32_t>(random());
      if (kind.form == Form::f32) word = (word & 0x80FFFFFFU) | 0x3C000000U;
      if (kind.form == Form::bf16) word = (word & 0x80FF80FFU) | 0x3C003C00U;
      if (kind.form == Form::f16) word = (word & 0x83FF83FFU) | 0x24002400U;
    }
    weights.data = std::as_bytes(std::span(data));
    if (kind.form == Form::affine) {
      scales.resize(shape.rows * shape.columns / kind.group);
      std::uniform_real_distribution<float> size(0.002F, 0.004F);
      for (float& scale : scales) {
        scale = size(random);
        biases.push_back(-scale * static_cast<float>((1U << kind.bits) - 1) / 2);
      }
      weights.scales = std::as_bytes(std::span(scales));
      weights.biases = std::as_bytes(std::span(biases));
    } else if (kind.form == Form::mxfp4) {
      exponents.assign(shape.rows * shape.columns / 32, std::byte{120});
      weights.scales = exponents;
    }
  }

  [[nodiscard]] double bytes() const {
    return static_cast<double>(weights.data.size() + weights.scales.size() + weights.biases.size());
  }
};

/// Seconds of the fastest of many runs within about a tenth of a second.
template <typename Work>
double fastest_of(const Work& work) {
  double best = 1e9;
  const auto end = Clock::now() + std::chrono::milliseconds(100);
  for (int i = 0; i < 5 || Clock::now() < end; ++i) {
    const auto start = Clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return best;
}

/// The distance of `got` from `want`, both once the length of `want`.
double distance(const std::vector<float>& got, const std::vector<float>& want) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    difference += std::pow(got[i] - want[i], 2);
    size += std::pow(want[i], 2);
  }
  return std::sqrt(difference / size);
}

void measure(ThreadPool& pool, const Kind& kind, const Shape& shape, std::size_t many) {
  const Made made(kind, shape);
  std::mt19937 random(2);
  std::normal_distribution<float> range;
  std::vector<float> x(many * shape.columns), y(many * shape.rows), exact(shape.rows);
  for (float& number : x) number = range(random);
  for (const Precision precision : {Precision::exact, Precision::fast}) {
    if (precision == Precision::fast && !made.weights.quantized()) continue;
    for (const InstructionSet* loops : instruction_sets()) {
      if (precision == Precision::fast && loops->integer_loops(made.weights) == nullptr) continue;
      if (loops == &plain && shape.rows > 10'000) continue;
      const auto run = [&](std::size_t m) {
        return fastest_of(
            [&] { multiply(pool, made.weights, x.data(), m, y.data(), precision, *loops); });
      };
      const double one = run(1);
      if (precision == Precision::exact) std::copy_n(y.begin(), shape.rows, exact.begin());
      const double away = distance({y.begin(), y.begin() + static_cast<long>(shape.rows)}, exact);
      const double all = shape.rows > 10'000 ? 0 : run(many);
      const double operations =
          2 * static_cast<double>(many) * static_cast<double>(shape.rows * shape.columns);
      fmt::print("{:<18} {:<13} {:<6} {:<8} {:>8.1f} us {:>6.1f} GB/s {:>7.1f} GFLOP/s  {:.5f}\n",
                 shape.name, kind.name, precision == Precision::fast ? "fast" : "exact",
                 loops->name, one * 1e6, made.bytes() / one * 1e-9,
                 all > 0 ? operations / all * 1e-9 : 0, away);
    }
  }
}

}  // namespace

int main(int count, char** arguments) {
  const auto number = [&](int index, std::size_t otherwise) {
    return index < count ? std::strtoul(arguments[index], nullptr, 10) : otherwise;
  };
  ThreadPool pool;
  if (const auto resized = pool.resize(number(1, 2)); !resized.ok()) {
    fmt::print(stderr, "{}\n", resized.error().message);
    return 1;
  }
  const std::size_t many = std::max<std::size_t>(number(2, 512), 1);
  for (const Shape& shape : shapes) {
    for (const Kind& kind : kinds) measure(pool, kind, shape, many);
  }
  return 0;
}
