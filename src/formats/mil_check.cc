#include "formats/mil_check.h"

#include <fmt/format.h>

#include <unordered_map>

#include "formats/damaged.h"

namespace tenfold {
namespace {

/// How many bytes a constant has where it stands in the program itself.
Result<void> check_value(const MilValue& value) {
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorCode::bad_model, fmt::format("a constant {} {}", value.type.text(), what));
  };
  if (value.type.is_state) return wrong("is a state");
  const auto elements = value.type.elements();
  if (!elements) return wrong("has no definite size");
  if (value.type.element == MilElement::string) {
    if (value.blob || !value.bytes.empty()) return wrong("holds no strings");
    if (value.strings.size() == static_cast<std::uint64_t>(*elements)) return {};
    return wrong(fmt::format("holds {} strings", value.strings.size()));
  }
  if (!value.strings.empty()) return wrong("holds strings");
  if (value.blob) return {};
  if (value.bytes.size() == value.type.stored_bytes()) return {};
  return wrong(fmt::format("holds {} bytes", value.bytes.size()));
}

class FunctionCheck {
 public:
  FunctionCheck(const MilFunction& function, const std::string& name)
      : function_(function), name_(name) {}

  Result<void> check() {
    for (const MilNamedType& input : function_.inputs) TRY(define(input));
    for (const MilOperation& operation : function_.operations) {
      operation_ = &operation;
      TRY(check_operation());
    }
    operation_ = nullptr;
    if (function_.outputs.empty()) return bad("there is no output");
    for (const std::string& output : function_.outputs) TRY(find(output, "the output"));
    return {};
  }

 private:
  [[nodiscard]] Error bad(std::string_view what) const {
    const std::string where =
        operation_ == nullptr
            ? fmt::format("function {}", function_.name)
            : fmt::format("function {}, operation {}", function_.name, operation_->text());
    return damaged_as("a Core ML model", name_, fmt::format("in {}, {}", where, what));
  }

  Result<void> define(const MilNamedType& named) {
    if (named.name.empty()) return bad("a value has no name");
    if (types_.emplace(named.name, &named.type).second) return {};
    return bad(fmt::format("{} is defined a second time", named.name));
  }

  Result<const MilType*> find(const std::string& name, std::string_view what) const {
    const auto found = types_.find(name);
    if (found != types_.end()) return found->second;
    return bad(fmt::format("{} names {}, which is not defined before", what, name));
  }

  Result<void> check_operation() {
    if (operation_->type.empty()) return bad("the operation has no type");
    for (const MilOperation::Input& input : operation_->inputs) TRY(check_input(input));
    for (const auto& attribute : operation_->attributes) {
      TRY(check_constant(attribute.second, "attribute " + attribute.first));
    }
    for (const MilNamedType& output : operation_->outputs) {
      if (output.type.is_state) return bad("a state is its output");
      TRY(define(output));
    }
    return operation_->type == "const" ? check_const() : Result<void>();
  }

  Result<void> check_input(const MilOperation::Input& input) {
    const std::string what = "input " + input.name;
    if (input.arguments.empty()) return bad(what + " has no argument");
    for (const MilArgument& argument : input.arguments) {
      if (argument.value) {
        TRY(check_constant(*argument.value, what));
        continue;
      }
      const MilType* type = TRY(find(argument.name, what));
      const bool takes_state = input.name == "input" && (operation_->type == "read_state" ||
                                                         operation_->type == "write_state");
      if (type->is_state == takes_state) continue;
      return bad(fmt::format("{} names {}, which is {} state", what, argument.name,
                             takes_state ? "no" : "a"));
    }
    return {};
  }

  Result<void> check_constant(const MilValue& value, const std::string& what) const {
    const auto checked = check_value(value);
    return checked.ok() ? Result<void>()
                        : bad(fmt::format("{}: {}", what, checked.error().message));
  }

  Result<void> check_const() const {
    const MilValue* value = operation_->attribute("val");
    if (value == nullptr) return bad("attribute val is missing");
    if (operation_->outputs.size() != 1) return bad("a constant has one output");
    const MilType& type = operation_->outputs.front().type;
    if (type == value->type) return {};
    return bad(fmt::format("a constant {} is {}", type.text(), value->type.text()));
  }

  const MilFunction& function_;
  const std::string& name_;
  const MilOperation* operation_ = nullptr;
  std::unordered_map<std::string_view, const MilType*> types_;
};

}  // namespace

Result<void> check_mil_program(const MilProgram& program, const std::string& name) {
  for (const MilFunction& function : program.functions) {
    TRY(FunctionCheck(function, name).check());
  }
  if (program.function(program.default_function) != nullptr) return {};
  return damaged_as("a Core ML model", name,
                    fmt::format("its program has no function {}", program.default_function));
}

}  // namespace tenfold
