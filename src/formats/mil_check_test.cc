#include "formats/mil_check.h"

#include <gmock/gmock.h>

namespace tenfold {
namespace {

using ::testing::HasSubstr;

const MilType vector_of_four{MilElement::f16, {4}};

/// x + x → y, with a state s that is read.
MilProgram program() {
  MilFunction function{"main", "CoreML8"};
  function.inputs = {{"x", vector_of_four}, {"s", {MilElement::f16, {4}, true}}};
  function.operations = {
      {"const", {}, {{"c", vector_of_four}}, {{"val", {vector_of_four, std::string(8, '\0')}}}},
      {"read_state", {{"input", {{"s"}}}}, {{"r", vector_of_four}}},
      {"add", {{"x", {{"x"}}}, {"y", {{"c"}}}}, {{"y", vector_of_four}}}};
  function.outputs = {"y"};
  return {{function}};
}

std::string error_of(const MilProgram& program) {
  const auto checked = check_mil_program(program, "m.mlmodel");
  return checked.ok() ? "" : checked.error().message;
}

TEST(MilCheck, AWholeProgramPasses) { EXPECT_EQ(error_of(program()), ""); }

TEST(MilCheck, NamesAreDefinedOnceAndBeforeTheyAreUsed) {
  MilProgram damaged = program();
  damaged.functions[0].operations[2].inputs[1].arguments[0].name = "z";
  EXPECT_THAT(error_of(damaged),
              HasSubstr("in function main, operation add (y), input y names z, which is not"));
  damaged = program();
  std::swap(damaged.functions[0].operations[0], damaged.functions[0].operations[2]);
  EXPECT_THAT(error_of(damaged), HasSubstr("input y names c"));
  damaged = program();
  damaged.functions[0].operations[2].outputs[0].name = "x";
  EXPECT_THAT(error_of(damaged), HasSubstr("x is defined a second time"));
  damaged = program();
  damaged.functions[0].operations[2].inputs[0].arguments[0].name = "y";  // of itself
  EXPECT_THAT(error_of(damaged), HasSubstr("input x names y"));
  damaged = program();
  damaged.functions[0].outputs = {"q"};
  EXPECT_THAT(error_of(damaged), HasSubstr("in function main, the output names q"));
  damaged = program();
  damaged.functions[0].outputs.clear();
  EXPECT_THAT(error_of(damaged), HasSubstr("there is no output"));
  damaged = program();
  damaged.default_function = "infer";
  EXPECT_THAT(error_of(damaged), HasSubstr("has no function infer"));
}

TEST(MilCheck, StatesAreForTheirOperationsAlone) {
  MilProgram damaged = program();
  damaged.functions[0].operations[2].inputs[0].arguments[0].name = "s";
  EXPECT_THAT(error_of(damaged), HasSubstr("input x names s, which is a state"));
  damaged = program();
  damaged.functions[0].operations[1].inputs[0].arguments[0].name = "x";
  EXPECT_THAT(error_of(damaged), HasSubstr("input input names x, which is no state"));
}

TEST(MilCheck, ConstantsAreAsLongAsTheirTypes) {
  const auto with = [](const MilValue& value) {
    MilProgram changed = program();
    changed.functions[0].operations[0].attributes[0].second = value;
    return error_of(changed);
  };
  EXPECT_THAT(
      with({vector_of_four, std::string(7, '\0')}),
      HasSubstr("operation const (c), attribute val: a constant tensor<fp16, [4]> holds 7"));
  EXPECT_THAT(with({{MilElement::f16, {mil_unknown}}, ""}), HasSubstr("no definite size"));
  EXPECT_THAT(with({{MilElement::f16, {std::int64_t{1} << 40, 1 << 20}}, ""}),
              HasSubstr("no definite size"));
  EXPECT_THAT(with({{MilElement::i16, {4}}, std::string(8, '\0')}),
              HasSubstr("a constant tensor<fp16, [4]> is tensor<int16, [4]>"));
  EXPECT_THAT(with({{MilElement::string, {2}}, "", {"a"}}), HasSubstr("holds 1 strings"));
  MilProgram damaged = program();
  damaged.functions[0].operations[0].attributes.clear();
  EXPECT_THAT(error_of(damaged), HasSubstr("attribute val is missing"));
}

}  // namespace
}  // namespace tenfold
