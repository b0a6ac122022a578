#include "fusion.h"

#include <optional>

namespace tenfold::coreml {
namespace {

class Fusion {
 public:
  Fusion(std::vector<MilOperation>& operations, const FusionConstants& constants)
      : operations_(operations), constants_(constants) {
    for (std::size_t i = 0; i < operations.size(); ++i) {
      for (const MilNamedType& output : operations[i].outputs) producers_[output.name] = i;
    }
  }

  void run() {
    for (MilOperation& operation : operations_) {
      std::optional<MilOperation> whole;
      if (operation.type == "mul") {
        whole = norm(operation);
        if (!whole) whole = gate(operation);
      } else if (operation.type == "concat") {
        whole = rotary_of_halves(operation);
      } else if (operation.type == "add") {
        whole = rotary(operation);
      } else if (operation.type == "matmul") {
        whole = attention(operation);
      } else if (operation.type == "scaled_dot_product_attention") {
        whole = shared_heads(operation);
      }
      if (whole) operation = std::move(*whole);
    }
  }

 private:
  using Name = std::string;

  /// The operation that makes a value, past casts between floats; null for inputs and constants.
  [[nodiscard]] const MilOperation* maker(const Name& name, std::string_view type) const {
    const MilOperation* operation = any_maker(name);
    return operation != nullptr && operation->type == type ? operation : nullptr;
  }

  [[nodiscard]] const MilOperation* any_maker(const Name& name) const {
    const auto found = producers_.find(past_casts(name));
    return found == producers_.end() ? nullptr : &operations_[found->second];
  }

  [[nodiscard]] Name past_casts(Name name) const {
    while (true) {
      const auto found = producers_.find(name);
      if (found == producers_.end()) return name;
      const MilOperation& operation = operations_[found->second];
      if (operation.type != "cast" || !is_float(operation.outputs[0].type.element)) return name;
      const Name from = input(operation, "x");
      const auto before = producers_.find(from);
      if (before == producers_.end()) return name;
      for (const MilNamedType& output : operations_[before->second].outputs) {
        if (output.name == from && !is_float(output.type.element)) return name;
      }
      name = from;
    }
  }

  /// The name of a single input; empty if it has none of this name.
  static Name input(const MilOperation& operation, std::string_view name) {
    const MilOperation::Input* found = operation.input(name);
    return found == nullptr || found->arguments.size() != 1 ? Name() : found->arguments[0].name;
  }

  [[nodiscard]] bool same(const Name& a, const Name& b) const {
    return !a.empty() && past_casts(a) == past_casts(b);
  }

  /// A constant of one float.
  [[nodiscard]] std::optional<float> number(const Name& name) const {
    const Tensor* tensor = name.empty() ? nullptr : constants_.find(name);
    if (tensor == nullptr || tensor->packed != nullptr || tensor->count() != 1) return std::nullopt;
    float value = 0;
    Tensor to;
    to.shape = tensor->shape;
    to.strides = row_major(to.shape);
    to.data = reinterpret_cast<std::byte*>(&value);
    copy(*tensor, to);
    return value;
  }

  [[nodiscard]] std::vector<std::int64_t> integers(const Name& name) const {
    const Tensor* tensor = name.empty() ? nullptr : constants_.find(name);
    if (tensor == nullptr || tensor->packed != nullptr) return {};
    return integers_of(*tensor);
  }

  [[nodiscard]] bool is_set(const MilOperation& operation, std::string_view name) const {
    return number(input(operation, name)).value_or(0) != 0;
  }

  /// Both operands of a commutative operation, either way round; the first for which `accepts`
  /// says so.
  template <typename Accepts>
  static bool either(const MilOperation& operation, const Accepts& accepts) {
    const Name x = input(operation, "x"), y = input(operation, "y");
    return !x.empty() && !y.empty() && (accepts(x, y) || accepts(y, x));
  }

  static MilOperation made(std::string_view type, const MilOperation& end,
                           std::vector<std::pair<std::string, Name>> inputs) {
    MilOperation whole;
    whole.type = type;
    whole.outputs = end.outputs;
    for (auto& [name, value] : inputs) {
      if (!value.empty()) whole.inputs.push_back({name, {MilArgument{value, nullptr}}});
    }
    return whole;
  }

  /// Whether a reduction is over the last dimension alone, which it keeps.
  [[nodiscard]] bool is_over_last(const MilOperation& reduction) const {
    const auto axes = integers(input(reduction, "axes"));
    if (axes.size() != 1 || !is_set(reduction, "keep_dims")) return false;
    const std::size_t rank = reduction.outputs[0].type.shape.size();
    return axes[0] == -1 || axes[0] + 1 == static_cast<std::int64_t>(rank);
  }

  /// What is squared.
  [[nodiscard]] Name squared(const Name& name) const {
    const MilOperation* operation = any_maker(name);
    if (operation == nullptr) return {};
    const Name x = input(*operation, "x");
    if (operation->type == "square") return x;
    if (operation->type == "pow" && number(input(*operation, "y")) == 2.0F) return x;
    if (operation->type == "mul" && same(x, input(*operation, "y"))) return x;
    return {};
  }

  /// 1 / root(mean(x^2) + epsilon): gives x.
  [[nodiscard]] Name inverse_root(const Name& name, float& epsilon) const {
    const MilOperation* root = maker(name, "rsqrt");
    if (root == nullptr) return {};
    Name x;
    float more = number(input(*root, "epsilon")).value_or(0);
    const auto read_mean = [&](const Name& from) {
      const MilOperation* mean = maker(from, "reduce_mean");
      x = mean == nullptr || !is_over_last(*mean) ? Name() : squared(input(*mean, "x"));
      return !x.empty();
    };
    const Name sum = input(*root, "x");
    if (!read_mean(sum)) {
      const MilOperation* add = maker(sum, "add");
      if (add == nullptr || !either(*add, [&](const Name& a, const Name& b) {
            const auto small = number(b);
            if (!small || !read_mean(a)) return false;
            more += *small;
            return true;
          })) {
        return {};
      }
    }
    epsilon = more;
    return x;
  }

  /// The same of x made smaller first, which half precision needs where squares are large:
  /// rsqrt(mean((x / l)^2) + (root / l)^2) / l, where l is the largest magnitude and at least 1.
  [[nodiscard]] Name safe_inverse_root(const Name& name, float& epsilon) const {
    const MilOperation* division = maker(name, "real_div");
    if (division == nullptr) return {};
    const Name largest = input(*division, "y");
    const MilOperation* root = maker(input(*division, "x"), "rsqrt");
    const MilOperation* least = maker(largest, "maximum");
    if (root == nullptr || least == nullptr) return {};
    Name x;
    if (!either(*least, [&](const Name& a, const Name& b) {
          const MilOperation* most = maker(a, "reduce_max");
          if (number(b) != 1.0F || most == nullptr || !is_over_last(*most)) return false;
          const MilOperation* magnitudes = maker(input(*most, "x"), "abs");
          if (magnitudes != nullptr) x = input(*magnitudes, "x");
          return !x.empty();
        })) {
      return {};
    }
    const auto divided = [&](const Name& value) {
      const MilOperation* by = maker(squared(value), "real_div");
      return by != nullptr && same(input(*by, "y"), largest) ? input(*by, "x") : Name();
    };
    const MilOperation* sum = maker(input(*root, "x"), "add");
    if (sum == nullptr || !either(*sum, [&](const Name& a, const Name& b) {
          const MilOperation* mean = maker(a, "reduce_mean");
          const auto small = number(divided(b));
          if (mean == nullptr || !is_over_last(*mean) || !small) return false;
          epsilon = *small * *small;
          return same(divided(input(*mean, "x")), x);
        })) {
      return {};
    }
    return x;
  }

  /// A list of one number for each place of the last dimension, as norms have.
  [[nodiscard]] bool is_weight(const Name& name) const {
    const Tensor* tensor = constants_.find(name);
    if (tensor == nullptr || tensor->packed != nullptr || !tensor->is_float()) return false;
    return !tensor->shape.empty() && tensor->count() > 1 && tensor->count() == tensor->shape.back();
  }

  std::optional<MilOperation> norm(const MilOperation& end) {
    std::optional<MilOperation> whole;
    // x * factor, or x * factor * weight.
    const auto read = [&](const MilOperation& product, const Name& weight) {
      return either(product, [&](const Name& x, const Name& factor) {
        float epsilon = 0;
        Name normed = inverse_root(factor, epsilon);
        if (normed.empty()) normed = safe_inverse_root(factor, epsilon);
        if (!same(normed, x)) return false;
        whole = made(fused_rms_norm, end,
                     {{"x", x}, {"weight", weight}, {"epsilon", constants_.add(epsilon)}});
        return true;
      });
    };
    either(end, [&](const Name& product, const Name& weight) {
      const MilOperation* inner = is_weight(weight) ? maker(product, "mul") : nullptr;
      return inner != nullptr && read(*inner, weight);
    });
    if (!whole) read(end, {});
    return whole;
  }

  std::optional<MilOperation> gate(const MilOperation& end) {
    std::optional<MilOperation> whole;
    if (end.outputs.empty()) return whole;
    either(end, [&](const Name& a, const Name& other) {
      const MilOperation* operation = any_maker(a);
      if (operation == nullptr || constants_.find(other) != nullptr) return false;
      // A gate does not stretch its operands.
      const MilOperation* beside = any_maker(other);
      if (beside == nullptr || beside->outputs.size() != 1 ||
          beside->outputs[0].type.shape != operation->outputs[0].type.shape) {
        return false;
      }
      std::string_view type;
      if (operation->type == "silu") type = fused_silu_gate;
      if (operation->type == "gelu" && text(*operation, "mode") == "TANH_APPROXIMATION") {
        type = fused_gelu_gate;
      }
      if (type.empty()) return false;
      whole = made(type, end, {{"x", input(*operation, "x")}, {"y", other}});
      return true;
    });
    return whole;
  }

  [[nodiscard]] std::string text(const MilOperation& operation, std::string_view name) const {
    return constants_.text(input(operation, name));
  }

  /// The two halves of a value's last dimension, as split or two slices give them.
  [[nodiscard]] bool are_halves(const Name& left, const Name& right, Name& whole) const {
    const MilOperation* a = any_maker(left);
    const MilOperation* b = any_maker(right);
    if (a == nullptr || b == nullptr || a->type != b->type) return false;
    whole = input(*a, "x");
    if (whole.empty() || !same(whole, input(*b, "x"))) return false;
    if (a->type == "split") {
      if (a != b || a->outputs.size() != 2) return false;
      const auto rank = static_cast<std::int64_t>(a->outputs[0].type.shape.size());
      const auto axis = integers(input(*a, "axis"));
      return axis.size() == 1 && (axis[0] == -1 || axis[0] + 1 == rank) &&
             a->outputs[0].name == past_casts(left) && a->outputs[1].name == past_casts(right) &&
             a->outputs[0].type.shape == a->outputs[1].type.shape;
    }
    return a->type == "slice_by_index" && is_part_of_last(*a, true) && is_part_of_last(*b, false) &&
           a->outputs[0].type.shape.back() == b->outputs[0].type.shape.back();
  }

  /// A slice of the first or the second half of the last dimension, and of all others whole.
  [[nodiscard]] bool is_part_of_last(const MilOperation& slice, bool first) const {
    const auto begin = integers(input(slice, "begin")), end = integers(input(slice, "end"));
    const auto begin_mask = integers(input(slice, "begin_mask"));
    const auto end_mask = integers(input(slice, "end_mask"));
    const std::size_t rank = slice.outputs[0].type.shape.size();
    if (begin.size() != rank || end.size() != rank || rank == 0) return false;
    for (const std::int64_t step : integers(input(slice, "stride"))) {
      if (step != 1) return false;
    }
    for (const std::int64_t squeezes : integers(input(slice, "squeeze_mask"))) {
      if (squeezes != 0) return false;
    }
    const auto from_start = [&](std::size_t i) {
      return begin[i] == 0 || (begin_mask.size() == rank && begin_mask[i] != 0);
    };
    const auto to_end = [&](std::size_t i) { return end_mask.size() == rank && end_mask[i] != 0; };
    for (std::size_t i = 0; i + 1 < rank; ++i) {
      const std::int64_t size = slice.outputs[0].type.shape[i];
      if (!from_start(i) || (!to_end(i) && (size < 0 || end[i] != size))) return false;
    }
    const std::int64_t half = slice.outputs[0].type.shape.back();
    if (half <= 0) return false;
    if (first) return from_start(rank - 1) && end[rank - 1] == half && !to_end(rank - 1);
    return begin[rank - 1] == half && (to_end(rank - 1) || end[rank - 1] == 2 * half);
  }

  /// concat(a * cos - b * sin, b * cos + a * sin), of halves a and b.
  std::optional<MilOperation> rotary_of_halves(const MilOperation& end) {
    const MilOperation::Input* values = end.input("values");
    const auto axis = integers(input(end, "axis"));
    const auto rank = static_cast<std::int64_t>(end.outputs[0].type.shape.size());
    if (values == nullptr || values->arguments.size() != 2 || axis.size() != 1 ||
        is_set(end, "interleave") || (axis[0] != -1 && axis[0] + 1 != rank)) {
      return std::nullopt;
    }
    const MilOperation* first = maker(values->arguments[0].name, "sub");
    const MilOperation* second = maker(values->arguments[1].name, "add");
    if (first == nullptr || second == nullptr) return std::nullopt;
    const MilOperation* a_cos = maker(input(*first, "x"), "mul");
    const MilOperation* b_sin = maker(input(*first, "y"), "mul");
    if (a_cos == nullptr || b_sin == nullptr) return std::nullopt;
    std::optional<MilOperation> whole;
    either(*a_cos, [&](const Name& a, const Name& cos) {
      return either(*b_sin, [&](const Name& b, const Name& sin) {
        Name x;
        if (!are_halves(a, b, x)) return false;
        const auto is_product = [&](const Name& name, const Name& left, const Name& right) {
          const MilOperation* product = maker(name, "mul");
          return product != nullptr && either(*product, [&](const Name& p, const Name& q) {
                   return same(p, left) && same(q, right);
                 });
        };
        if (!either(*second, [&](const Name& p, const Name& q) {
              return is_product(p, b, cos) && is_product(q, a, sin);
            })) {
          return false;
        }
        whole = made(fused_rotary, end, {{"x", x}, {"cos", cos}, {"sin", sin}});
        return true;
      });
    });
    return whole;
  }

  /// x * cos + concat(-second half of x, first half of x) * sin.
  std::optional<MilOperation> rotary(const MilOperation& end) {
    std::optional<MilOperation> whole;
    either(end, [&](const Name& direct, const Name& crossed) {
      const MilOperation* straight = maker(direct, "mul");
      const MilOperation* turned = maker(crossed, "mul");
      if (straight == nullptr || turned == nullptr) return false;
      return either(*straight, [&](const Name& x, const Name& cos) {
        return either(*turned, [&](const Name& swapped, const Name& sin) {
          if (!is_swapped(swapped, x)) return false;
          whole = made(fused_rotary, end, {{"x", x}, {"cos", cos}, {"sin", sin}});
          return true;
        });
      });
    });
    return whole;
  }

  [[nodiscard]] bool is_swapped(const Name& name, const Name& x) const {
    const MilOperation* concat = maker(name, "concat");
    const MilOperation::Input* values = concat == nullptr ? nullptr : concat->input("values");
    if (values == nullptr || values->arguments.size() != 2 || is_set(*concat, "interleave")) {
      return false;
    }
    const auto axis = integers(input(*concat, "axis"));
    const auto rank = static_cast<std::int64_t>(concat->outputs[0].type.shape.size());
    if (axis.size() != 1 || (axis[0] != -1 && axis[0] + 1 != rank)) return false;
    const MilOperation* minus = maker(values->arguments[0].name, "mul");
    Name whole;
    return minus != nullptr && either(*minus, [&](const Name& second, const Name& factor) {
             return number(factor) == -1.0F &&
                    are_halves(values->arguments[1].name, second, whole) && same(whole, x);
           });
  }

  /// The heads before they were repeated: what a reshape joins from [1, heads, repetitions, …].
  [[nodiscard]] Name before_joining(const Name& name) const {
    const MilOperation* reshape = maker(name, "reshape");
    if (reshape == nullptr) return name;
    const Name tiled = input(*reshape, "x");
    const MilOperation* tile = maker(tiled, "tile");
    const MilOperation* expanded =
        tile == nullptr ? nullptr : maker(input(*tile, "x"), "expand_dims");
    if (expanded == nullptr) return name;
    const auto axes = integers(input(*expanded, "axes"));
    const bool is_third = axes.size() == 1 && (axes[0] == 2 || axes[0] == -3);
    const bool fits =
        reshape->outputs[0].type.shape.size() == 4 && expanded->outputs[0].type.shape.size() == 5;
    return is_third && fits ? tiled : name;
  }

  std::optional<MilOperation> shared_heads(const MilOperation& end) {
    const Name key = input(end, "key"), value = input(end, "value");
    const Name stored_key = before_joining(key), stored_value = before_joining(value);
    if (stored_key == key || stored_value == value) return std::nullopt;
    return made(fused_attention, end,
                {{"query", input(end, "query")},
                 {"key", stored_key},
                 {"value", stored_value},
                 {"attn_mask", input(end, "attn_mask")}});
  }

  /// softmax(query * key^T * scale + mask) * value.
  std::optional<MilOperation> attention(const MilOperation& end) {
    if (is_set(end, "transpose_x") || is_set(end, "transpose_y")) return std::nullopt;
    const MilOperation* softmax = maker(input(end, "x"), "softmax");
    if (softmax == nullptr) return std::nullopt;
    const auto axis = integers(input(*softmax, "axis"));
    const auto rank = static_cast<std::int64_t>(softmax->outputs[0].type.shape.size());
    if (!axis.empty() && axis[0] != -1 && axis[0] + 1 != rank) return std::nullopt;
    Name mask, scores = input(*softmax, "x");
    const auto product_of = [&](const Name& name, float& scale) -> const MilOperation* {
      scale = 1;
      const MilOperation* operation = any_maker(name);
      if (operation != nullptr && operation->type == "real_div") {
        const auto by = number(input(*operation, "y"));
        if (!by || *by == 0) return nullptr;
        scale = 1 / *by;
        return maker(input(*operation, "x"), "matmul");
      }
      if (operation != nullptr && operation->type == "mul") {
        const MilOperation* product = nullptr;
        either(*operation, [&](const Name& a, const Name& b) {
          const auto by = number(b);
          product = by ? maker(a, "matmul") : nullptr;
          if (product != nullptr) scale = *by;
          return product != nullptr;
        });
        return product;
      }
      return maker(name, "matmul");
    };
    float scale = 1;
    const MilOperation* product = product_of(scores, scale);
    if (product == nullptr) {
      const MilOperation* add = maker(scores, "add");
      if (add == nullptr) return std::nullopt;
      either(*add, [&](const Name& a, const Name& b) {
        product = product_of(a, scale);
        if (product != nullptr) mask = b;
        return product != nullptr;
      });
    }
    if (product == nullptr || is_set(*product, "transpose_x") || scale == 0) return std::nullopt;
    Name key = input(*product, "y");
    if (!is_set(*product, "transpose_y")) {
      const MilOperation* transpose = maker(key, "transpose");
      if (transpose == nullptr) return std::nullopt;
      auto order = integers(input(*transpose, "perm"));
      if (order.size() < 2) return std::nullopt;
      std::swap(order[order.size() - 1], order[order.size() - 2]);
      for (std::size_t i = 0; i < order.size(); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        if (order[i] != at && order[i] + static_cast<std::int64_t>(order.size()) != at) {
          return std::nullopt;
        }
      }
      key = input(*transpose, "x");
    }
    Name value = input(end, "y");
    const Name stored_key = before_joining(key), stored_value = before_joining(value);
    if (stored_key != key && stored_value != value) {
      key = stored_key;
      value = stored_value;
    }
    return made(fused_attention, end,
                {{"query", input(*product, "x")},
                 {"key", key},
                 {"value", value},
                 {"attn_mask", mask},
                 {"scale", constants_.add(scale)}});
  }

  std::vector<MilOperation>& operations_;
  const FusionConstants& constants_;
  std::unordered_map<Name, std::size_t> producers_;
};

}  // namespace

void fuse(std::vector<MilOperation>& operations, const FusionConstants& constants) {
  Fusion(operations, constants).run();
}

}  // namespace tenfold::coreml
