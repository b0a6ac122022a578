#include "kernels/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/columns.h"
#include "kernels/elements.h"
#include "kernels/instruction_set.h"

namespace tenfold::kernels {
namespace {

constexpr std::size_t tile_rows = 64;    // queries of a tile
constexpr std::size_t key_block = 64;    // keys looked at together
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
  std::size_t first_key;  ///< that any query looks at
  std::size_t part_keys;
  std::size_t tasks;
  std::size_t workers;

  Plan(const Attention& a, std::size_t threads) {
    first_key = a.causal && a.window > 0
                    ? static_cast<std::size_t>(std::max<std::int64_t>(a.start + 1 - a.window, 0))
                    : 0;
    const std::size_t keys = static_cast<std::size_t>(a.key_count) -
                             std::min(static_cast<std::size_t>(a.key_count), first_key);
    group = static_cast<std::size_t>(a.heads / a.key_heads);
    const std::size_t rows = group * static_cast<std::size_t>(a.positions);
    tiles = (rows + tile_rows - 1) / tile_rows;
    const std::size_t all = tiles * static_cast<std::size_t>(a.batches * a.key_heads);
    // Threads end together when there are several tasks for each.
    parts = threads == 1 ? 1
                         : std::clamp<std::size_t>(
                               (4 * threads + all - 1) / all, 1,
                               std::max<std::size_t>((keys + least_part - 1) / least_part, 1));
    part_keys = ((keys + parts - 1) / parts + key_block - 1) / key_block * key_block;
    tasks = all * parts;
    const double work = static_cast<double>(all * std::min(rows, tile_rows)) *
                        static_cast<double>(keys) * static_cast<double>(a.width);
    constexpr double worth_a_thread = 30'000;  // multiplications
    workers = work < worth_a_thread || tasks == 1 ? 1 : threads;
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
    scores.resize(rows * key_block);
    progress.resize(rows);
    if (rows >= rows_to_turn) columns.resize(key_block * width);
    if (a.keys.element != Element::f32) keys.resize(key_block * width);
    if (a.values.element != Element::f32) values.resize(key_block * width);
  }
};

class Computation {
 public:
  Computation(Threads& threads, const Attention& attention)
      : a_(attention),
        threads_(threads),
        plan_(attention, threads.size()),
        width_(static_cast<std::size_t>(attention.width)),
        rows_(plan_.group * static_cast<std::size_t>(attention.positions)) {
    const Scratch one(std::min(rows_, tile_rows), a_);
    scratch_.assign(plan_.workers, one);
    if (plan_.parts > 1) {
      part_sums_.resize(plan_.tasks * std::min(rows_, tile_rows) * width_);
      part_progress_.resize(plan_.tasks * std::min(rows_, tile_rows));
    }
  }

  void run() {
    const auto work = [this](std::size_t task, std::size_t worker) {
      compute(task, scratch_[worker]);
    };
    if (plan_.workers == 1) {
      for (std::size_t task = 0; task < plan_.tasks; ++task) work(task, 0);
    } else {
      threads_.run(plan_.tasks, work);
    }
    if (plan_.parts > 1) {
      for (std::size_t tile = 0; tile < plan_.tasks / plan_.parts; ++tile) merge(tile);
    }
  }

 private:
  /// Where a tile lies.
  struct Tile {
    std::size_t batch, head, first, rows;
  };

  [[nodiscard]] Tile tile(std::size_t index) const {
    const std::size_t head = index / plan_.tiles;
    const std::size_t first = index % plan_.tiles * tile_rows;
    return {head / static_cast<std::size_t>(a_.key_heads),
            head % static_cast<std::size_t>(a_.key_heads), first,
            std::min(rows_ - first, tile_rows)};
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

  /// And they begin here.
  [[nodiscard]] std::size_t begin_of_keys(const Tile& tile, std::size_t row) const {
    if (!a_.causal || a_.window == 0) return 0;
    const std::size_t end = static_cast<std::size_t>(a_.start) + position(tile, row) + 1;
    return end - std::min(end, static_cast<std::size_t>(a_.window));
  }

  /// Keys or values from `first` on, as they lie in the tensor if that is f32.
  Matrix rows_of(const HeadRows& rows, const Tile& tile, std::size_t first, std::size_t count,
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
    float* scores = scratch.scores.data() + row * key_block;
    const std::size_t end = end_of_keys(tile, row), begin = begin_of_keys(tile, row);
    const std::size_t seen = end > first ? std::min(end - first, count) : 0;
    const std::size_t hidden = begin > first ? std::min(begin - first, seen) : 0;
    if (a_.softcap != 0) loops_.soften(scores + hidden, seen - hidden, a_.softcap);
    if (a_.mask != nullptr) {
      const float* mask =
          a_.mask + position(tile, row) * static_cast<std::size_t>(a_.mask_stride) + first;
      for (std::size_t i = hidden; i < seen; ++i) scores[i] += mask[i];
    }
    Progress& progress = scratch.progress[row];
    const float top = std::max(progress.top, loops_.maximum(scores + hidden, seen - hidden));
    std::fill(scores, scores + hidden, 0.0F);
    std::fill(scores + (top == nothing ? hidden : seen), scores + count, 0.0F);
    if (top == nothing) return;
    if (top > progress.top) {
      const float factor = std::exp(progress.top - top);
      float* sums = scratch.sums.data() + row * width_;
      for (std::size_t i = 0; i < width_; ++i) sums[i] *= factor;
      progress = {top, progress.sum * factor};
    }
    progress.sum += loops_.exponentials(scores + hidden, seen - hidden, top);
  }

  void compute(std::size_t task, Scratch& scratch) {
    const Tile at = tile(task / plan_.parts);
    for (std::size_t row = 0; row < at.rows; ++row) {
      read_row(a_.queries, query(at, row), width_, a_.scale, scratch.queries.data() + row * width_);
    }
    std::fill_n(scratch.progress.begin(), at.rows, Progress{});
    std::fill_n(scratch.sums.begin(), at.rows * width_, 0.0F);
    const Matrix queries{scratch.queries.data(), width_};
    const std::size_t part = plan_.first_key + task % plan_.parts * plan_.part_keys;
    const std::size_t begin = std::max(part, begin_of_keys(at, 0));
    const std::size_t end = std::min(end_of_keys(at, at.rows - 1), part + plan_.part_keys);
    for (std::size_t first = begin; first < end; first += key_block) {
      const std::size_t count = std::min(key_block, end - first);
      const Matrix keys = rows_of(a_.keys, at, first, count, scratch.keys);
      if (at.rows >= rows_to_turn) {
        to_columns(keys, count, width_, key_block, scratch.columns.data());
        loops_.multiply(queries, {scratch.columns.data(), key_block}, scratch.scores.data(),
                        key_block, at.rows, width_, key_block, false);
      } else {
        loops_.dots(queries, keys, scratch.scores.data(), key_block, at.rows, width_, count, false);
      }
      for (std::size_t row = 0; row < at.rows; ++row) weigh(at, row, first, count, scratch);
      loops_.multiply({scratch.scores.data(), key_block},
                      rows_of(a_.values, at, first, count, scratch.values), scratch.sums.data(),
                      width_, at.rows, count, width_, true);
    }
    if (plan_.parts == 1) {
      for (std::size_t row = 0; row < at.rows; ++row) {
        finish(at, row, scratch.sums.data() + row * width_, scratch.progress[row].sum);
      }
    } else {
      const std::size_t rows = std::min(rows_, tile_rows);
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
    const std::size_t rows = std::min(rows_, tile_rows);
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
  Threads& threads_;
  const Plan plan_;
  const std::size_t width_;
  const std::size_t rows_;  ///< of one head of keys
  const InstructionSet& loops_ = fastest();
  std::vector<Scratch> scratch_;
  std::vector<float> part_sums_;
  std::vector<Progress> part_progress_;
};

}  // namespace

void attend(Threads& threads, const Attention& attention) { Computation(threads, attention).run(); }

}  // namespace tenfold::kernels
