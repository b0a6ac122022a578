#include "testing/small_decoder.h"

namespace tenfold::onnxruntime {
namespace {

constexpr std::int64_t any = OnnxValue::symbolic;
constexpr auto float_type = static_cast<std::int64_t>(OnnxType::float32);

OnnxBuilder::Attribute to(OnnxType type) { return {"to", static_cast<std::int64_t>(type)}; }

}  // namespace

/// "held" is the past, or nothing where use_cache_branch is false. An empty past has no first.
void SmallDecoder::add_choice_of_past(OnnxBuilder& graph) const {
  const auto number = [](OnnxBuilder& to, const char* name, std::vector<std::int64_t> values) {
    to.tensor(name, OnnxType::int64, {static_cast<std::int64_t>(values.size())}, values);
  };
  OnnxBuilder with;
  number(with, "with_first", {0});
  number(with, "with_second", {1});
  number(with, "with_end", {1 << 30});
  number(with, "with_axis", {2});
  with.node("Gather", {past, "with_first"}, {"first"}, {{"axis", 2}})
      .node("Slice", {past, "with_second", "with_end", "with_axis"}, {"rest"})
      .node("Concat", {"first", "rest"}, {"with_past"}, {{"axis", 2}})
      .output({"with_past", cache, {any, 1, any, 1}});
  OnnxBuilder without;
  number(without, "without_end", {0});
  number(without, "without_axis", {2});
  without.node("Slice", {past, "without_end", "without_end", "without_axis"}, {"without_past"})
      .output({"without_past", cache, {any, 1, any, 1}});
  graph.choice("use_cache_branch", {"held"}, with, without);
}

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
  if (merged) graph.input({"use_cache_branch", OnnxType::boolean, {1}});
  if (!only_prompts) graph.input({past, cache, {any, 1, any, 1}});

  const std::string held = merged || only_prompts ? "held" : past;
  if (merged) add_choice_of_past(graph);
  if (only_prompts) {
    graph.node("Slice", {"no_ids", "no_places", "no_places", "axis2"}, {"held"});
    graph.tensor("no_ids", cache, {1, 1, 0, 1}, std::vector<char>());
    constant("no_places", {0});
  }
  graph.node("Cast", {"input_ids"}, {"ids"}, {to(cache)})
      .node("Reshape", {"ids", "column"}, {"new"})
      .node("Concat", {held, "new"}, {present}, {{"axis", 2}})
      .node("Cast", {present}, {"all"}, {{"to", float_type}})
      .node("CumSum", {"all", "cumulative_axis"}, {"sums"})
      .node("Shape", {held}, {"length"}, {{"start", 2}, {"end", 3}})
      .node("Slice", {"sums", "length", "far", "axis2"}, {"new_sums"})
      .node("Reshape", {"new_sums", "rows"}, {"state0"});
  std::string state = "state0";
  if (sees_later) {
    constant("one", {1});
    graph.node("Min", {"length", "one"}, {"is_later"})
        .node("Cast", {"is_later"}, {"share"}, {to(OnnxType::float32)})
        .node("ReduceMax", {state}, {"greatest"}, {{"keepdims", 1}})
        .node("Sub", {"greatest", state}, {"to_come"})
        .node("Mul", {"to_come", "share"}, {"seen"})
        .node("Add", {state, "seen"}, {"state1"});
    state = "state1";
  }
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
