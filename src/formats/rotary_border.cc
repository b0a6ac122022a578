#include "formats/rotary_border.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tenfold {
namespace {

constexpr int longest_way = 16;  // nodes from a comparison to an input, from attention to a table

class BorderReader {
 public:
  explicit BorderReader(const OnnxModel& model) : model_(model) {
    for (const OnnxNode& node : model.nodes) {
      for (const std::string& output : node.outputs) {
        if (!output.empty()) makers_.emplace(output, &node);
      }
    }
  }

  Result<RotaryBorder> read() const {
    for (const OnnxNode& node : model_.nodes) {
      for (const std::string_view table : tables_of(node)) {
        const OnnxNode* made = choice_of(table);
        if (made != nullptr) return border_of(*made);
      }
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
  /// The inputs of `node` that are tables of sines or cosines.
  static std::vector<std::string_view> tables_of(const OnnxNode& node) {
    std::size_t first = 0;
    if (node.operation == "GroupQueryAttention") first = 7;
    if (node.operation == "RotaryEmbedding") first = 2;
    std::vector<std::string_view> tables;
    for (std::size_t i = first; first > 0 && i < first + 2 && i < node.inputs.size(); ++i) {
      tables.push_back(node.inputs[i]);
    }
    return tables;
  }

  [[nodiscard]] const OnnxNode* maker(std::string_view name) const {
    const auto found = makers_.find(name);
    return found == makers_.end() ? nullptr : found->second;
  }

  /// The If that `table` comes from, as it is or in another type; null: it comes from elsewhere.
  [[nodiscard]] const OnnxNode* choice_of(std::string_view table) const {
    const OnnxNode* at = maker(table);
    for (int way = 0; way < longest_way && at != nullptr; ++way) {
      if (at->operation == "If") return at;
      const bool same = at->operation == "Cast" || at->operation == "Identity";
      if (!same || at->inputs.empty()) return nullptr;
      at = maker(at->inputs[0]);
    }
    return nullptr;
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
  std::map<std::string_view, const OnnxNode*> makers_;  // by output
};

}  // namespace

Result<RotaryBorder> find_rotary_border(const OnnxModel& model) {
  return BorderReader(model).read();
}

}  // namespace tenfold
