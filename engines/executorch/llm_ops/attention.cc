#include "llm_ops/attention.h"

#include <executorch/runtime/kernel/thread_parallel_interface.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/columns.h"
#include "kernels/instruction_set.h"
#include "llm_ops/elements.h"

namespace tenfold::executorch {
namespace {

constexpr std::size_t most_rows = 64;    // queries of a tile
constexpr std::size_t block = 64;        // keys looked at together
constexpr std::size_t rows_to_turn = 8;  // from here on keys are worth turning into columns
constexpr std::size_t least_part = 256;  // keys of a part
constexpr float nothing = -std::numeric_limits<float>::infinity();

/// How far one row of queries has come.
struct Progress {
  float top = nothing;  ///< the greatest score
  float sum = 0;        ///< of exp(score - top)
};

/// The queries that share the keys of one head, in tiles; each tile over all keys or a part.
struct Plan {
  std::size_t group;  ///< heads of queries for each head of keys
  std::size_t tiles;  ///< of one head of keys
  std::size_t parts;
  std::size_t part_keys;
  std::size_t tasks;
  std::size_t workers;

  explicit Plan(const Attention& a) {
    const auto threads = static_cast<std::size_t>(
        std::max<std::int64_t>(::executorch::extension::get_thread_count(), 1));
    const auto keys = static_cast<std::size_t>(a.key_count);
    group = static_cast<std::size_t>(a.heads / a.key_heads);
    const std::size_t rows = group * static_cast<std::size_t>(a.positions);
    tiles = (rows + most_rows - 1) / most_rows;
    const std::size_t all = tiles * static_cast<std::size_t>(a.batches * a.key_heads);
    // Threads end together when there are several tasks for each.
    parts = threads == 1 ? 1
                         : std::clamp<std::size_t>((4 * threads + all - 1) / all, 1,
                                                   (keys + least_part - 1) / least_part);
    part_keys = ((keys + parts - 1) / parts + block - 1) / block * block;
    tasks = all * parts;
    const double work = static_cast<double>(all * std::min(rows, most_rows)) *
                        static_cast<double>(keys) * static_cast<double>(a.width);
    constexpr double worth_a_thread = 30'000;  // multiplications
    workers = std::min({threads, tasks, 1 + static_cast<std::size_t>(work / worth_a_thread)});
  }
};

/// The memory of one worker.
struct Scratch {
  std::vector<float> queries, scores, sums, columns, keys, values;
  std::vector<Progress> progress;

  Scratch(std::size_t rows, const Attention& a) {
    const auto width = static_cast<std::size_t>(a.width);
    queries.resize(rows * width);
    sums.resize(rows * width);
    scores.resize(rows * block);
    progress.resize(rows);
    if (rows >= rows_to_turn) columns.resize(block * width);
    if (a.keys.element != Element::f32) keys.resize(block * width);
    if (a.values.element != Element::f32) values.resize(block * width);
  }
};

class Computation {
 public:
  explicit Computation(const Attention& attention)
      : a_(attention),
        plan_(attention),
        width_(static_cast<std::size_t>(attention.width)),
        rows_(plan_.group * static_cast<std::size_t>(attention.positions)) {
    const Scratch one(std::min(rows_, most_rows), a_);
    scratch_.assign(plan_.workers, one);
    if (plan_.parts > 1) {
      part_sums_.resize(plan_.tasks * std::min(rows_, most_rows) * width_);
      part_progress_.resize(plan_.tasks * std::min(rows_, most_rows));
    }
  }

  void run() {
    in_turn(plan_.tasks, [this](std::size_t task, Scratch& scratch) { compute(task, scratch); });
    if (plan_.parts > 1) {
      for (std::size_t tile = 0; tile < plan_.tasks / plan_.parts; ++tile) merge(tile);
    }
  }

 private:
  /// Where a tile lies.
  struct Tile {
    std::size_t batch, head, first, rows;
  };

  template <typename Work>
  void in_turn(std::size_t count, const Work& work) {
    // Stored and loaded so that the thread sanitizer, which cannot look into the framework, sees
    // what comes before the work and what after it.
    std::atomic<std::size_t> next;
    next.store(0);
    const auto take = [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t worker = first; worker < last; ++worker) {
        for (std::size_t i = next++; i < count; i = next++) {
          work(i, scratch_[static_cast<std::size_t>(worker)]);
        }
      }
    };
    const auto workers = static_cast<std::int64_t>(plan_.workers);
    if (workers == 1 || !::executorch::extension::parallel_for(0, workers, 1, take)) {
      take(0, 1);
    }
    static_cast<void>(next.load());
  }

  [[nodiscard]] Tile tile(std::size_t index) const {
    const std::size_t head = index / plan_.tiles;
    const std::size_t first = index % plan_.tiles * most_rows;
    return {head / static_cast<std::size_t>(a_.key_heads),
            head % static_cast<std::size_t>(a_.key_heads), first,
            std::min(rows_ - first, most_rows)};
  }

  /// A tile has the heads of one position beside each other, then those of the next.
  [[nodiscard]] std::size_t position(const Tile& tile, std::size_t row) const {
    return (tile.first + row) / plan_.group;
  }

  static std::size_t index(const HeadRows& rows, std::size_t batch, std::size_t position,
                           std::size_t head) {
    return batch * static_cast<std::size_t>(rows.batch_stride) +
           position * static_cast<std::size_t>(rows.position_stride) +
           head * static_cast<std::size_t>(rows.head_stride);
  }

  [[nodiscard]] std::size_t query(const Tile& tile, std::size_t row) const {
    return index(a_.queries, tile.batch, position(tile, row),
                 tile.head * plan_.group + (tile.first + row) % plan_.group);
  }

  /// The keys that the query of a row looks at end here.
  [[nodiscard]] std::size_t end_of_keys(const Tile& tile, std::size_t row) const {
    const auto keys = static_cast<std::size_t>(a_.key_count);
    if (!a_.causal) return keys;
    return std::min(keys, static_cast<std::size_t>(a_.start) + position(tile, row) + 1);
  }

  /// Keys or values from `first` on, as they lie in the tensor if that is f32.
  kernels::Matrix rows_of(const HeadRows& rows, const Tile& tile, std::size_t first, std::size_t count,
                 std::vector<float>& converted) const {
    if (rows.element == Element::f32) {
      return {
          static_cast<const float*>(rows.data) + index(rows, tile.batch, first, tile.head) * width_,
          static_cast<std::size_t>(rows.position_stride) * width_};
    }
    for (std::size_t i = 0; i < count; ++i) {
      read_row(rows, index(rows, tile.batch, first + i, tile.head), width_, 1,
               converted.data() + i * width_);
    }
    return {converted.data(), width_};
  }

  /// Turns the scores of a row into weights, the sums so far made smaller to fit.
  void weigh(const Tile& tile, std::size_t row, std::size_t first, std::size_t count,
             Scratch& scratch) const {
    float* scores = scratch.scores.data() + row * block;
    const std::size_t end = end_of_keys(tile, row);
    const std::size_t seen = end > first ? std::min(end - first, count) : 0;
    if (a_.mask != nullptr) {
      const float* mask =
          a_.mask + position(tile, row) * static_cast<std::size_t>(a_.mask_stride) + first;
      for (std::size_t i = 0; i < seen; ++i) scores[i] += mask[i];
    }
    Progress& progress = scratch.progress[row];
    const float top = std::max(progress.top, loops_.maximum(scores, seen));
    std::fill(scores + (top == nothing ? 0 : seen), scores + count, 0.0F);
    if (top == nothing) return;
    if (top > progress.top) {
      const float factor = std::exp(progress.top - top);
      float* sums = scratch.sums.data() + row * width_;
      for (std::size_t i = 0; i < width_; ++i) sums[i] *= factor;
      progress = {top, progress.sum * factor};
    }
    progress.sum += loops_.exponentials(scores, seen, top);
  }

  void compute(std::size_t task, Scratch& scratch) {
    const Tile at = tile(task / plan_.parts);
    for (std::size_t row = 0; row < at.rows; ++row) {
      read_row(a_.queries, query(at, row), width_, a_.scale, scratch.queries.data() + row * width_);
    }
    std::fill_n(scratch.progress.begin(), at.rows, Progress{});
    std::fill_n(scratch.sums.begin(), at.rows * width_, 0.0F);
    const kernels::Matrix queries{scratch.queries.data(), width_};
    const std::size_t begin = task % plan_.parts * plan_.part_keys;
    const std::size_t end = std::min(end_of_keys(at, at.rows - 1), begin + plan_.part_keys);
    for (std::size_t first = begin; first < end; first += block) {
      const std::size_t count = std::min(block, end - first);
      const kernels::Matrix keys = rows_of(a_.keys, at, first, count, scratch.keys);
      if (at.rows >= rows_to_turn) {
        kernels::to_columns(keys, count, width_, block, scratch.columns.data());
        loops_.multiply(queries, {scratch.columns.data(), block}, scratch.scores.data(), block,
                          at.rows, width_, block, false);
      } else {
        loops_.dots(queries, keys, scratch.scores.data(), block, at.rows, width_, count,
                    false);
      }
      for (std::size_t row = 0; row < at.rows; ++row) weigh(at, row, first, count, scratch);
      loops_.multiply({scratch.scores.data(), block},
                        rows_of(a_.values, at, first, count, scratch.values), scratch.sums.data(),
                        width_, at.rows, count, width_, true);
    }
    if (plan_.parts == 1) {
      for (std::size_t row = 0; row < at.rows; ++row) {
        finish(at, row, scratch.sums.data() + row * width_, scratch.progress[row].sum);
      }
    } else {
      const std::size_t rows = std::min(rows_, most_rows);
      std::copy_n(scratch.sums.begin(), at.rows * width_,
                  part_sums_.begin() + static_cast<std::ptrdiff_t>(task * rows * width_));
      std::copy_n(scratch.progress.begin(), at.rows,
                  part_progress_.begin() + static_cast<std::ptrdiff_t>(task * rows));
    }
  }

  void finish(const Tile& tile, std::size_t row, float* sums, float sum) const {
    const float factor = sum > 0 ? 1 / sum : 0;
    for (std::size_t i = 0; i < width_; ++i) sums[i] *= factor;
    write_row(sums, width_, a_.out_element, a_.out, query(tile, row));
  }

  /// Puts the parts of a tile together in its first.
  void merge(std::size_t index) {
    const Tile at = tile(index);
    const std::size_t rows = std::min(rows_, most_rows);
    for (std::size_t row = 0; row < at.rows; ++row) {
      const std::size_t first = index * plan_.parts * rows + row;
      Progress all;
      for (std::size_t part = 0; part < plan_.parts; ++part) {
        all.top = std::max(all.top, part_progress_[first + part * rows].top);
      }
      float* sums = part_sums_.data() + first * width_;
      for (std::size_t part = 0; part < plan_.parts; ++part) {
        const Progress& progress = part_progress_[first + part * rows];
        const float factor = progress.top == nothing ? 0 : std::exp(progress.top - all.top);
        const float* from = sums + part * rows * width_;
        all.sum += progress.sum * factor;
        for (std::size_t i = 0; i < width_; ++i) {
          sums[i] = (part == 0 ? 0 : sums[i]) + from[i] * factor;
        }
      }
      finish(at, row, sums, all.sum);
    }
  }

  const Attention& a_;
  const Plan plan_;
  const std::size_t width_;
  const std::size_t rows_;  ///< of one head of keys
  const kernels::InstructionSet& loops_ = kernels::fastest();
  std::vector<Scratch> scratch_;
  std::vector<float> part_sums_;
  std::vector<Progress> part_progress_;
};

}  // namespace

void attend(const Attention& attention) { Computation(attention).run(); }

}  // namespace tenfold::executorch
