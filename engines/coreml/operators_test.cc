// Every operator against what numpy and torch compute (tools/export/coreml_references.py).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/files.h"
#include "base/half.h"
#include "formats/mil_operations.h"
#include "kernels/thread_pool.h"
#include "operator.h"
#include "program.h"

namespace tenfold::coreml {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* references = "engines/coreml/testdata/operators.json";

json cases() {
  std::ifstream file(references);
  return json::parse(file);
}

float number(const json& value) {
  if (value == "inf") return std::numeric_limits<float>::infinity();
  if (value == "-inf") return -std::numeric_limits<float>::infinity();
  return value.get<float>();
}

/// [type, shape, numbers], or text.
MilValue value_of(const json& stored) {
  MilValue value;
  if (stored.is_string()) {
    value.type.element = MilElement::string;
    value.strings = {stored.get<std::string>()};
    return value;
  }
  value.type.element = mil_element(stored[0].get<std::string>()).value();
  value.type.shape = stored[1].get<std::vector<std::int64_t>>();
  const auto add = [&](auto what) {
    value.bytes.append(reinterpret_cast<const char*>(&what), sizeof(what));
  };
  for (const json& one : stored[2]) {
    switch (value.type.element) {
      case MilElement::f32:
        add(number(one));
        break;
      case MilElement::f16:
        add(half_from_float(number(one)));
        break;
      case MilElement::boolean:
        add(one.get<std::uint8_t>());
        break;
      default:
        add(one.get<std::int32_t>());
    }
  }
  return value;
}

/// A function of one operation. What is given when it runs are inputs, the rest constants.
struct Case {
  MilFunction function;
  std::unique_ptr<Memory> memory = std::make_unique<Memory>();  // outlives what lies in it
  std::vector<Tensor> inputs;

  explicit Case(const json& stored) {
    function.name = "main";
    MilOperation operation;
    operation.type = stored["type"];
    const auto given = stored["given"].get<std::set<std::string>>();
    for (const auto& [name, content] : stored["inputs"].items()) {
      MilOperation::Input input{name, {}};
      const bool is_list = content.is_array() && content[0].is_array();
      for (const json& one : is_list ? content : json::array({content})) {
        MilValue value = value_of(one);
        if (given.contains(name)) {
          const std::string own = fmt::format("{}_{}", name, input.arguments.size());
          function.inputs.push_back({own, value.type});
          inputs.push_back(tensor(value));
          input.arguments.push_back({own, nullptr});
        } else {
          input.arguments.push_back({"", std::make_shared<const MilValue>(std::move(value))});
        }
      }
      operation.inputs.push_back(std::move(input));
    }
    for (const json& output : stored["outputs"]) {
      const std::string name = fmt::format("out_{}", operation.outputs.size());
      operation.outputs.push_back({name, value_of(output).type});
      function.outputs.push_back(name);
    }
    function.operations.push_back(std::move(operation));
  }

  Tensor tensor(const MilValue& value) const {
    Tensor result = make(*memory, is_float(value.type.element) ? Element::f32 : Element::i32,
                         *dims_of(value.type.shape));
    if (value.type.element == MilElement::boolean) {
      for (std::size_t i = 0; i < value.bytes.size(); ++i) result.integers()[i] = value.bytes[i];
    } else if (value.type.element == MilElement::f16) {
      result.element = Element::f16;
      std::memcpy(result.data, value.bytes.data(), value.bytes.size());
    } else {
      std::memcpy(result.data, value.bytes.data(), value.bytes.size());
    }
    return result;
  }

  [[nodiscard]] Result<Program> program() const {
    ConstantSource source;
    source.bytes = [](const MilValue& value) { return std::string_view(value.bytes); };
    source.named = [](const std::string& /*name*/) -> const MilValue* { return nullptr; };
    return Program::build(function, source, "a test", function.outputs[0]);
  }

  Result<std::vector<Tensor>> run(Program::Memories& memories, std::size_t threads) const {
    const Program built = TRY(program());
    kernels::ThreadPool pool;
    TRY(pool.resize(threads));
    built.start(memories);
    const std::atomic<bool> interrupted = false;
    auto outputs = TRY(
        built.run(memories, pool, kernels::Precision::exact, inputs, std::nullopt, interrupted));
    // Constants live as long as the program.
    for (Tensor& output : outputs) {
      Tensor copied =
          make(memories.blocks, output.is_float() ? Element::f32 : Element::i32, output.shape);
      copy(output, copied);
      output = copied;
    }
    return outputs;
  }
};

bool is_near(float a, float b) {
  return a == b || (std::isnan(a) && std::isnan(b)) ||
         std::abs(a - b) <= 2e-4F * std::max(1.0F, std::abs(b));
}

void expect_equal(const Tensor& found, const json& wanted, const std::string& name) {
  const MilValue value = value_of(wanted);
  EXPECT_EQ(text_of(found.shape), text_of(*dims_of(value.type.shape))) << name;
  EXPECT_EQ(found.is_float(), is_float(value.type.element)) << name;
  ASSERT_EQ(found.count(), static_cast<std::int64_t>(wanted[2].size())) << name;
  for (std::size_t i = 0; i < wanted[2].size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const float is =
        found.is_float() ? found.floats()[at] : static_cast<float>(found.integers()[at]);
    ASSERT_TRUE(is_near(is, number(wanted[2][i]))) << name << " " << i << ": " << is;
  }
}

TEST(Operators, ComputeWhatNumpyAndTorchCompute) {
  std::size_t number = 0;
  for (const json& stored : cases()) {
    const std::string name =
        fmt::format("case {}, {}", number++, stored["type"].get<std::string>());
    const Case one(stored);
    Program::Memories memories;
    const auto outputs = one.run(memories, 1);
    ASSERT_TRUE(outputs.ok()) << name << ": " << outputs.error().message;
    for (std::size_t i = 0; i < outputs->size(); ++i) {
      expect_equal((*outputs)[i], stored["outputs"][i], name);
    }
  }
}

TEST(Operators, AllHaveReferences) {
  std::set<std::string> seen;
  for (const json& stored : cases()) seen.insert(stored["type"]);
  for (const std::string_view type : operator_types()) {
    EXPECT_TRUE(seen.contains(std::string(type))) << type;
  }
}

/// An input of another shape, or none, is an error and nothing else.
TEST(Operators, WrongShapesAreErrors) {
  for (const json& stored : cases()) {
    for (const json& shape : {json::array(), json::array({0}), json::array({2, 0, 3}),
                              json::array({1, 1, 1, 1, 1, 7})}) {
      Case one(stored);
      for (Tensor& input : one.inputs) {
        const auto sizes = shape.get<std::vector<std::int64_t>>();
        Tensor other = make(*one.memory, input.element, *dims_of(sizes));
        std::memset(other.data, 0, static_cast<std::size_t>(other.count()) * 4);
        const Tensor kept = std::exchange(input, other);
        Program::Memories memories;
        const auto outputs = one.run(memories, 1);
        EXPECT_TRUE(outputs.ok() || outputs.error().message.starts_with("a test"));
        input = kept;
      }
    }
  }
}

TEST(Operators, AnUnknownOneIsNamedWithItsFunctionAndPackage) {
  json stored = cases()[0];
  stored["type"] = "lstm";
  Program::Memories memories;
  const auto outputs = Case(stored).run(memories, 1);
  ASSERT_FALSE(outputs.ok());
  EXPECT_EQ(outputs.error().code, ErrorCode::unsupported);
  EXPECT_THAT(outputs.error().message,
              HasSubstr("a test: the operation lstm (out_0) of the function main"));
}

/// What import and pull check is what runs.
TEST(Operators, AreThoseThatAreToldBeforeALoad) {
  std::vector<std::string_view> told;
  for (const std::string_view type : mil_operations()) {
    const bool is_operator = type != "const" && !type.starts_with("constexpr_") &&
                             type != "read_state" && type != "write_state";
    if (is_operator) told.push_back(type);
  }
  EXPECT_EQ(told, operator_types());
}

/// docs/coreml.md lists what runs.
TEST(Operators, AreListedInTheDocumentation) {
  std::string list;
  for (const std::string_view type : operator_types()) {
    list += fmt::format("{}`{}`", list.empty() ? "" : " ", type);
  }
  const std::string page = "docs/coreml.md";
  const auto text = read_file(page, 1 << 20);
  ASSERT_TRUE(text.ok()) << page;
  EXPECT_THAT(*text, HasSubstr("\n" + list + "\n")) << "the list of operations there is to be:\n"
                                                    << list;
}

}  // namespace
}  // namespace tenfold::coreml
