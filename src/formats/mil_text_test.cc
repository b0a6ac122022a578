#include "formats/mil_text.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "base/files.h"
#include "formats/coreml_package.h"
#include "formats/mil_check.h"
#include "formats/mil_text_writer.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string in_main(std::string_view statements) {
  return fmt::format("program(1.0)\n{{ func main<ios16>(tensor<fp32, [2]> x) {{\n{} }} -> (x); }}",
                     statements);
}

/// The value of a constant `c` of the type.
MilValue constant(const std::string& type, const std::string& elements) {
  const auto program =
      read_mil_text(in_main(fmt::format("{0} c = const()[name = tensor<string, []>(\"c\"), val = "
                                        "{0}({1})];",
                                        type, elements)),
                    "m.mil");
  EXPECT_TRUE(program.ok()) << program.error().message;
  if (!program.ok()) return {};
  const MilOperation& operation = program->functions[0].operations[0];
  EXPECT_EQ(operation.attributes.size(), 1U);
  return *operation.attribute("val");
}

std::string error_of(std::string_view text) {
  const auto program = read_mil_text(text, "m.mil");
  if (!program.ok()) return program.error().message;
  const auto checked = check_mil_program(*program, "m.mil");
  return checked.ok() ? "" : checked.error().message;
}

TEST(MilText, ProgramsOfAllFormsReadTheSameAsText) {
  for (const char* model :
       {"tiny-llama/coreml-stateful-int4/model", "tiny-llama/coreml-stateless-f16/model",
        "tiny-llama/coreml-anemll/tiny_FFN_PF_lut4_chunk_01of02",
        "tiny-llama/coreml-anemll/tiny_lm_head_lut6", "coreml-forms/ios15-fixed",
        "coreml-forms/ios16-affine", "coreml-forms/ios16-palettes", "coreml-forms/ios16-sparse",
        "coreml-forms/ios18-functions", "coreml-forms/cache-inputs", "coreml-forms/hf-stablelm"}) {
    const fs::path file =
        *coreml_specification(fs::path("tests/models") / (std::string(model) + ".mlpackage"));
    const auto source = open_file_source(file);
    const auto package = read_mlmodel(**source, file);
    ASSERT_TRUE(package.ok()) << package.error().message;
    const std::string text = MilTextWriter::write(package->program);
    const auto read = read_mil_text(text, "model.mil");
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(MilTextWriter::write(*read), text) << model;
    EXPECT_TRUE(check_mil_program(*read, "model.mil").ok()) << model;
  }
}

TEST(MilText, ReadsConstantsOfBothGenerations) {
  EXPECT_EQ(constant("tensor<int32, []>", "-7").bytes, std::string("\xF9\xFF\xFF\xFF", 4));
  EXPECT_EQ(constant("int32", "-7").bytes, std::string("\xF9\xFF\xFF\xFF", 4));
  EXPECT_EQ(constant("tensor<bool, [2]>", "[true, false]").bytes, std::string("\1\0", 2));
  EXPECT_EQ(constant("fp16", "0x1.8p+0").bytes, std::string("\x00\x3E", 2));
  EXPECT_EQ(constant("fp16", "-inf").bytes, std::string("\x00\xFC", 2));
  EXPECT_EQ(constant("tensor<fp32, [1]>", "[1e-2]").bytes, std::string("\x0A\xD7\x23\x3C", 4));
  EXPECT_EQ(constant("tensor<fp32, [2, 1]>", "[[0x1p-1], [0]]").bytes,
            std::string("\0\0\0\x3F\0\0\0\0", 8));
  EXPECT_EQ(constant("tensor<int4, [3]>", "[1, -1, -8]").bytes, "\xF1\x08");
  EXPECT_EQ(constant("tensor<uint3, [3]>", "[7, 0, 5]").bytes, std::string("\x47\x01"));
  EXPECT_EQ(constant("tensor<string, [2]>", R"(["a\"b", ""])").strings,
            (std::vector<std::string>{"a\"b", ""}));
  const MilValue blob = constant(
      "tensor<uint8, [4]>",
      R"(BLOBFILE(path = tensor<string, []>("@model_path/w.bin"), offset = tensor<uint64, []>(64)))");
  EXPECT_EQ(blob.blob->file, "@model_path/w.bin");
  EXPECT_EQ(blob.blob->offset, 64U);
}

TEST(MilText, ReadsOperationsWithNoneOrManyOutputs) {
  const auto program = read_mil_text(
      "program(1.3) { func infer<ios18>(tensor<fp16, [1, ?]> x, state<tensor<fp16, [4]>> s) {\n"
      "  fp16 a, fp16 b = split(x = x, axis = int32(1))[name = string(\"p\")];\n"
      "  write_state(data = a, input = s)[name = string(\"w\")];\n"
      "  fp16 y = concat(values = (a, b));\n"
      "} -> (y, a); func prefill<ios18>(fp16 x) { } -> (x); }",
      "m.mil");
  ASSERT_TRUE(program.ok()) << program.error().message;
  ASSERT_EQ(program->functions.size(), 2U);
  EXPECT_EQ(program->default_function, "infer");
  const MilFunction& infer = program->functions[0];
  EXPECT_EQ(infer.opset, "CoreML8");
  EXPECT_EQ(infer.inputs[0].type.shape, (std::vector<std::int64_t>{1, mil_unknown}));
  EXPECT_TRUE(infer.inputs[1].type.is_state);
  EXPECT_EQ(infer.outputs, (std::vector<std::string>{"y", "a"}));
  ASSERT_EQ(infer.operations.size(), 3U);
  EXPECT_EQ(infer.operations[0].outputs.size(), 2U);
  EXPECT_TRUE(infer.operations[1].outputs.empty());
  EXPECT_EQ(infer.operations[2].input("values")->arguments.size(), 2U);
}

TEST(MilText, ErrorsNameTheLineAndWhatStandsThere) {
  EXPECT_THAT(error_of(""), HasSubstr("line 1"));
  EXPECT_THAT(error_of("program(1.0) { func main<ios16>(fp32 x) {"), HasSubstr("a name is meant"));
  EXPECT_THAT(error_of(in_main("\nint32 c = const()[val = int32(1.5)];")),
              HasSubstr("line 4: 1.5 is no whole number"));
  EXPECT_THAT(error_of(in_main("int8 c = const()[val = int8(128)];")),
              HasSubstr("\"128\" is no element of tensor<int8, []>"));
  EXPECT_THAT(error_of(in_main("int32 c = const()[val = int32(\"a\")];")),
              HasSubstr("is no element"));
  EXPECT_THAT(error_of(in_main("fp31 c = const()[val = fp31(1)];")), HasSubstr("line 3"));
  EXPECT_THAT(error_of(in_main("tensor<int4, [1]> c = const()[val = tensor<int4, [1]>([8])];")),
              HasSubstr("no element"));
  EXPECT_THAT(error_of(in_main("fp32 y = cond(pred = x)[name = string(\"c\")] () { } -> (x);")),
              HasSubstr("operation cond (y) has blocks of its own"));
  EXPECT_THAT(error_of(in_main("string c = const()[val = string(\"a)];")),
              HasSubstr("a text has no end"));
  EXPECT_THAT(error_of(in_main("fp32 c = const()[val = fp32(" + std::string(100, '['))),
              HasSubstr("brackets are too deep"));
  EXPECT_THAT(error_of(in_main("") + "x"), HasSubstr("behind the program"));
}

TEST(MilText, ManyNamesCostNoMoreThanTheyAreWorth) {
  std::string inputs = "a0 = x";
  for (int i = 1; i < 200; ++i) inputs += fmt::format(", a{} = x", i);
  EXPECT_THAT(error_of(in_main("a(" + inputs + ");")), HasSubstr("too many inputs a64"));
  EXPECT_THAT(error_of(in_main("a(x = x, x = x);")), HasSubstr("too many inputs x"));
}

TEST(MilText, AProgramLargerThanAnyEndsBeforeItTakesMemory) {
  std::string statements;
  for (int i = 0; i < 100'000; ++i) statements += "a();";
  EXPECT_THAT(error_of(in_main(statements)), HasSubstr("larger than that of any language model"));
}

TEST(MilText, ACompiledFolderGivesTheWeightsOfThePackageItWasMadeFrom) {
  const fs::path package = "tests/models/tiny-llama/coreml-stateful-int4/model.mlpackage";
  const auto original = CoremlPackage::open(package);
  ASSERT_TRUE(original.ok());
  const auto source = open_file_source(original->specification());
  const auto unresolved = read_mlmodel(**source, "m");
  const fs::path folder = fs::temp_directory_path() / ("mlmodelc-" + std::to_string(::getpid()));
  fs::create_directories(folder / "weights");
  fs::copy_file(original->specification().parent_path() / "weights/weight.bin",
                folder / "weights/weight.bin");
  ASSERT_TRUE(
      write_file_atomically(folder / "model.mil", MilTextWriter::write(unresolved->program)).ok());
  ASSERT_TRUE(
      write_file_atomically(folder / "metadata.json",
                            R"([{"specificationVersion": 9, "userDefinedMetadata": {"a": "b"},
                       "inputSchema": [{"name": "inputIds", "shape": "[1, 1]",
                                        "shapeRange": "[[1, 1], [1, 1024]]"},
                                       {"name": "causalMask", "shape": "[]",
                                        "enumeratedShapes": "[[1, 1, 1, 7]]"}]}])")
          .ok());
  const auto compiled = CoremlPackage::open(folder);
  fs::remove_all(folder);
  ASSERT_TRUE(compiled.ok()) << compiled.error().message;
  EXPECT_EQ(compiled->model().specification_version, 9);
  EXPECT_EQ(compiled->model().metadata.at("a"), "b");
  const MlFunction& main = compiled->model().main();
  EXPECT_EQ(main.inputs[0].ranges, original->model().main().inputs[0].ranges);
  EXPECT_EQ(main.inputs[1].enumerated.size(), 1U);
  EXPECT_TRUE(main.inputs[1].ranges.empty());
  EXPECT_EQ(main.states.size(), original->model().main().states.size());
  const auto& operations = compiled->program().functions[0].operations;
  const auto& originals = original->program().functions[0].operations;
  ASSERT_EQ(operations.size(), originals.size());
  for (std::size_t index = 0; index < operations.size(); ++index) {
    const MilValue* value = operations[index].attribute("val");
    if (value == nullptr || value->type.element == MilElement::string) continue;
    ASSERT_EQ(compiled->bytes(*value), original->bytes(*originals[index].attribute("val")));
  }
}

}  // namespace
}  // namespace tenfold
