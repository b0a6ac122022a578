#include "formats/rotary_border.h"

#include <algorithm>
#include <string_view>

namespace tenfold {
namespace {

constexpr int longest_way = 16;  // nodes between an input and the comparison

class BorderReader {
 public:
  explicit BorderReader(const OnnxModel& model) : model_(model) {}

  Result<RotaryBorder> read() const {
    for (const OnnxNode& node : model_.nodes) {
      if (node.operation == "If" && makes_tables(node)) return border_of(node);
    }
    // Where the processor of the graph has no If, long positions are counted from behind the
    // first table's end, in one table of both.
    for (const OnnxNode& node : model_.nodes) {
      if (node.operation != "GreaterOrEqual" || node.inputs.size() != 2) continue;
      const OnnxNode* reduced = maker(node.inputs[0]);
      const bool greatest = reduced != nullptr && reduced->operation == "ReduceMax";
      const auto limit = model_.whole_numbers.find(node.inputs[1]);
      if (greatest && limit != model_.whole_numbers.end() && limit->second > 0 &&
          origin(*reduced) == "position_ids") {
        return RotaryBorder{limit->second, false};
      }
    }
    return RotaryBorder{};
  }

 private:
  /// Whether an output of `node` is a table of sines or cosines.
  [[nodiscard]] bool makes_tables(const OnnxNode& node) const {
    const auto is_made = [&](const OnnxNode& user, std::size_t input) {
      return input < user.inputs.size() && !user.inputs[input].empty() &&
             std::ranges::find(node.outputs, user.inputs[input]) != node.outputs.end();
    };
    return std::ranges::any_of(model_.nodes, [&](const OnnxNode& user) {
      if (user.operation == "GroupQueryAttention") return is_made(user, 7) || is_made(user, 8);
      if (user.operation == "RotaryEmbedding") return is_made(user, 2) || is_made(user, 3);
      return false;
    });
  }

  [[nodiscard]] const OnnxNode* maker(std::string_view name) const {
    const auto found = std::ranges::find_if(model_.nodes, [&](const OnnxNode& node) {
      return std::ranges::find(node.outputs, name) != node.outputs.end();
    });
    return found == model_.nodes.end() ? nullptr : &*found;
  }

  /// The input of the graph that the first input of `node` is made from; empty: too far away.
  [[nodiscard]] std::string_view origin(const OnnxNode& node) const {
    const OnnxNode* at = &node;
    for (int way = 0; way < longest_way && !at->inputs.empty(); ++way) {
      const std::string_view name = at->inputs[0];
      at = maker(name);
      if (at == nullptr) return name;
    }
    return {};
  }

  [[nodiscard]] Result<RotaryBorder> border_of(const OnnxNode& choice) const {
    const OnnxNode* compared = choice.inputs.empty() ? nullptr : maker(choice.inputs[0]);
    if (compared != nullptr && compared->operation == "Greater" && compared->inputs.size() == 2) {
      const auto limit = model_.whole_numbers.find(compared->inputs[1]);
      const std::string_view from = origin(*compared);
      if (limit != model_.whole_numbers.end() && limit->second > 0 && !from.empty()) {
        return RotaryBorder{limit->second, from == "attention_mask"};
      }
    }
    return fail(ErrorCode::unsupported,
                "chooses its tables of rotary positions in a way this engine does not know");
  }

  const OnnxModel& model_;
};

}  // namespace

Result<RotaryBorder> find_rotary_border(const OnnxModel& model) {
  return BorderReader(model).read();
}

}  // namespace tenfold
