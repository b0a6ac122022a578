// An ML program as text, as Core ML's compiler writes it, for tests: nothing else makes such files
// away from Apple's machines.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <string>

#include "base/half.h"
#include "formats/mil.h"

namespace tenfold {

class MilTextWriter {
 public:
  static std::string write(const MilProgram& program) {
    std::string text = "program(1.3)\n[buildInfo = dict<string, string>({{\"a\", \"]\"}})]\n{\n";
    for (const MilFunction& function : program.functions) text += write(function);
    return text + "}\n";
  }

 private:
  static std::string write(const MilFunction& function) {
    std::string text = fmt::format("    func {}<{}>({}) ", function.name, opset(function.opset),
                                   typed(function.inputs));
    text +=
        "[FlexibleShapeInformation = tuple<tuple<string, list<int32, ?>>>(((\"a\", {{1}})))] {\n";
    for (const MilOperation& operation : function.operations) text += write(operation);
    text += "        } -> (";
    for (const std::string& output : function.outputs) {
      text += (text.ends_with("(") ? "" : ", ") + output;
    }
    return text + ");\n";
  }

  static std::string opset(const std::string& package) {
    return package == "CoreML5"   ? "ios15"
           : package == "CoreML6" ? "ios16"
           : package == "CoreML7" ? "ios17"
                                  : "ios18";
  }

  static std::string typed(const std::vector<MilNamedType>& names) {
    std::string text;
    for (const MilNamedType& named : names) {
      text += (text.empty() ? "" : ", ") + named.type.text() + " " + named.name;
    }
    return text;
  }

  static std::string write(const MilOperation& operation) {
    std::string text = "            " + typed(operation.outputs);
    if (!operation.outputs.empty()) text += " = ";
    text += operation.type + "(";
    for (const MilOperation::Input& input : operation.inputs) {
      text += (text.ends_with("(") ? "" : ", ") + input.name + " = ";
      const bool many = input.arguments.size() > 1;
      if (many) text += "(";
      for (const MilArgument& argument : input.arguments) {
        if (&argument != &input.arguments.front()) text += ", ";
        text += argument.value ? write(*argument.value) : argument.name;
      }
      if (many) text += ")";
    }
    text += ")[name = string(\"some \\\"name\\\"\")";
    for (const auto& [name, value] : operation.attributes)
      text += ", " + name + " = " + write(value);
    return text + "];\n";
  }

  static std::string write(const MilValue& value) {
    // The short form of a scalar, which compilers since iOS 18 write.
    const bool scalar = value.type.shape.empty();
    std::string text = scalar ? std::string(name_of(value.type.element)) : value.type.text();
    if (value.blob) {
      return fmt::format("{}(BLOBFILE(path = string(\"{}\"), offset = uint64({})))", text,
                         value.blob->file, value.blob->offset);
    }
    const auto count = static_cast<std::size_t>(*value.type.elements());
    std::string list;
    for (std::size_t index = 0; index < count; ++index) {
      list += (index == 0 ? "" : ", ") + element(value, index);
    }
    return fmt::format("{}({})", text, scalar ? list : "[" + list + "]");
  }

  template <typename Number>
  static Number number(const MilValue& value, std::size_t index) {
    Number result;
    std::memcpy(&result, value.bytes.data() + index * sizeof result, sizeof result);
    return result;
  }

  static std::string real(double number) {
    if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
    if (std::isnan(number)) return "nan";
    char text[64];
    std::snprintf(text, sizeof text, "%a", number);
    return text;
  }

  static std::string element(const MilValue& value, std::size_t index) {
    switch (value.type.element) {
      case MilElement::string:
        return "\"" + value.strings[index] + "\"";
      case MilElement::boolean:
        return number<char>(value, index) != 0 ? "true" : "false";
      case MilElement::f16:
        return real(float_from_half(number<std::uint16_t>(value, index)));
      case MilElement::f32:
        return real(number<float>(value, index));
      case MilElement::i8:
        return std::to_string(number<std::int8_t>(value, index));
      case MilElement::i16:
        return std::to_string(number<std::int16_t>(value, index));
      case MilElement::u8:
        return std::to_string(number<std::uint8_t>(value, index));
      case MilElement::u16:
        return std::to_string(number<std::uint16_t>(value, index));
      case MilElement::u32:
        return std::to_string(number<std::uint32_t>(value, index));
      default:
        return std::to_string(number<std::int32_t>(value, index));
    }
  }
};

}  // namespace tenfold
