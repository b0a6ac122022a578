#include "testing/small_decoder.h"

namespace tenfold::onnxruntime {
namespace {

constexpr std::int64_t any = OnnxValue::symbolic;
constexpr auto float_type = static_cast<std::int64_t>(OnnxType::float32);

OnnxBuilder::Attribute to(OnnxType type) { return {"to", static_cast<std::int64_t>(type)}; }

}  // namespace

OnnxBuilder SmallDecoder::build() const {
  OnnxBuilder graph;
  const auto constant = [&](const char* name, std::vector<std::int64_t> values) {
    graph.tensor(name, OnnxType::int64, {static_cast<std::int64_t>(values.size())}, values);
  };
  constant("axis1", {1});
  constant("axis2", {2});
  constant("column", {1, 1, -1, 1});
  constant("rows", {1, -1, 1});
  constant("far", {1 << 30});
  graph.tensor("cumulative_axis", OnnxType::int64, {}, std::vector<std::int64_t>{2});
  std::vector<float> scale;
  for (int i = 0; i < vocabulary; ++i) scale.push_back(0.001F * static_cast<float>(i));
  graph.tensor("scale", OnnxType::float32, {1, 1, vocabulary}, scale);

  graph.input({"input_ids", integers, {any, any}});
  if (mask) graph.input({"attention_mask", integers, {any, any}});
  if (positions) graph.input({"position_ids", integers, {any, any}});
  if (!logits_to_keep.empty()) graph.input({logits_to_keep, OnnxType::int64, {}});
  if (!extra_input.empty()) graph.input({extra_input, OnnxType::float32, {1}});
  graph.input({past, cache, {any, 1, any, 1}});

  graph.node("Cast", {"input_ids"}, {"ids"}, {to(cache)})
      .node("Reshape", {"ids", "column"}, {"new"})
      .node("Concat", {past, "new"}, {present}, {{"axis", 2}})
      .node("Cast", {present}, {"all"}, {{"to", float_type}})
      .node("CumSum", {"all", "cumulative_axis"}, {"sums"})
      .node("Shape", {past}, {"length"}, {{"start", 2}, {"end", 3}})
      .node("Slice", {"sums", "length", "far", "axis2"}, {"new_sums"})
      .node("Reshape", {"new_sums", "rows"}, {"state0"});
  std::string state = "state0";
  const auto combine = [&](const char* operation, const char* input, bool slice) {
    const std::string name = std::string(input) + "_part";
    std::string part = input;
    if (slice) graph.node("Slice", {part, "length", "far", "axis1"}, {name + "_new"});
    if (slice) part = name + "_new";
    graph.node("Cast", {part}, {name + "_float"}, {{"to", float_type}})
        .node("Reshape", {name + "_float", "rows"}, {name})
        .node(operation, {state, name}, {name + "_state"});
    state = name + "_state";
  };
  if (positions) combine("Add", "position_ids", false);
  if (mask) combine("Mul", "attention_mask", true);
  if (!logits_to_keep.empty()) {
    graph.node("Neg", {logits_to_keep}, {"negative"})
        .node("Reshape", {"negative", "axis1"}, {"first_kept"})
        .node("Slice", {state, "first_kept", "far", "axis1"}, {"kept"});
    state = "kept";
  } else if (last_logits_only) {
    constant("minus_one", {-1});
    graph.node("Slice", {state, "minus_one", "far", "axis1"}, {"kept"});
    state = "kept";
  }
  graph.node("Mul", {state, "scale"}, {"angle"})
      .node(last_operation, {"angle"}, {"wave"})
      .node("Cast", {"wave"}, {"logits"}, {to(logits)})
      .output({"logits", logits, {any, last_logits_only ? 1 : any, vocabulary}})
      .output({present, cache, {any, 1, any, 1}});
  return graph;
}

}  // namespace tenfold::onnxruntime
