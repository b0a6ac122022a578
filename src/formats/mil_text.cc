// program(1.3) [attributes] { func main<ios18>(tensor<fp16, [1, ?]> x) [attributes] {
//   tensor<fp16, [1, ?]> y = add(x = x, y = x)[name = string("y")];  } -> (y); }
#include "formats/mil_text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "formats/mil_limits.h"
#include "formats/mil_tokens.h"
#include "formats/mil_value.h"

namespace tenfold {
namespace {

using TokenKind = MilTokens::Kind;

/// Sets of operations as both forms name them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> opsets{{
    {"ios15", "CoreML5"},
    {"ios16", "CoreML6"},
    {"ios17", "CoreML7"},
    {"ios18", "CoreML8"},
    {"ios26", "CoreML9"},
}};

class MilTextReader {
 public:
  MilTextReader(std::string_view text, const std::string& name) : tokens_(text, name) {}

  Result<MilProgram> read() {
    TRY(tokens_.next());
    TRY(tokens_.expect("program"));
    if (!tokens_.is("(")) return tokens_.bad("program has no version");
    TRY(tokens_.skip_brackets());
    TRY(skip_attributes());
    TRY(tokens_.expect("{"));
    MilProgram program;
    while (!tokens_.is("}")) {
      MilFunction function = TRY(read_function());
      if (program.functions.size() == most_mil_functions ||
          program.function(function.name) != nullptr) {
        return tokens_.bad(fmt::format("there are too many functions {}", function.name));
      }
      program.functions.push_back(std::move(function));
    }
    TRY(tokens_.next());
    if (tokens_.kind() != TokenKind::end) return tokens_.bad("something stands behind the program");
    if (program.functions.empty()) return tokens_.bad("there is no function");
    if (program.function(program.default_function) == nullptr) {
      program.default_function = program.functions.front().name;
    }
    return program;
  }

 private:
  Result<void> take(std::size_t bytes) {
    if (budget_.take(bytes)) return {};
    return tokens_.bad("the program is larger than that of any language model");
  }

  Result<std::string> word() {
    TRY(take(tokens_.token().size()));
    return tokens_.word();
  }

  Result<void> skip_attributes() {
    if (tokens_.is("[")) TRY(tokens_.skip_brackets());
    return {};
  }

  /// Calls `read` for each part of a list in brackets, the first of which is at hand.
  template <typename Read>
  Result<void> list(std::string_view open, std::string_view close, const Read& read) {
    TRY(tokens_.expect(open));
    while (!tokens_.is(close)) {
      TRY(read());
      if (!tokens_.is(close)) TRY(tokens_.expect(","));
    }
    return tokens_.next();
  }

  Result<MilFunction> read_function() {
    TRY(tokens_.expect("func"));
    MilFunction function;
    function.name = TRY(word());
    TRY(tokens_.expect("<"));
    function.opset = TRY(word());
    for (const auto& [text, package] : opsets) {
      if (function.opset == text) function.opset = package;
    }
    TRY(tokens_.expect(">"));
    TRY(list("(", ")", [&]() -> Result<void> {
      TRY(check_room(function.inputs.size()));
      function.inputs.push_back(TRY(named_type()));
      return {};
    }));
    TRY(skip_attributes());
    TRY(tokens_.expect("{"));
    while (!tokens_.is("}")) function.operations.push_back(TRY(operation()));
    TRY(tokens_.next());
    TRY(tokens_.expect("->"));
    TRY(list("(", ")", [&]() -> Result<void> {
      TRY(check_room(function.outputs.size()));
      function.outputs.push_back(TRY(word()));
      return {};
    }));
    TRY(tokens_.expect(";"));
    return function;
  }

  [[nodiscard]] Result<void> check_room(std::size_t tensors) const {
    if (tensors < most_mil_tensors) return {};
    return tokens_.bad("a function has too many inputs or outputs");
  }

  [[nodiscard]] bool at_type() const {
    return tokens_.is("tensor") || tokens_.is("state") ||
           (tokens_.kind() == TokenKind::word && mil_element(tokens_.token()).has_value());
  }

  Result<MilNamedType> named_type() {
    TRY(take(sizeof(MilNamedType)));
    MilType type = TRY(read_type());
    return MilNamedType{TRY(word()), std::move(type)};
  }

  Result<MilType> read_type() {
    MilType type;
    type.is_state = TRY(tokens_.accept("state"));
    if (type.is_state) TRY(tokens_.expect("<"));
    if (TRY(tokens_.accept("tensor"))) {
      TRY(tokens_.expect("<"));
      type.element = TRY(element());
      TRY(tokens_.expect(","));
      TRY(list("[", "]", [&] { return side(type); }));
      TRY(tokens_.expect(">"));
    } else {
      type.element = TRY(element());
    }
    if (type.is_state) TRY(tokens_.expect(">"));
    return type;
  }

  Result<MilElement> element() {
    const auto known = mil_element(tokens_.token());
    if (!known) return tokens_.bad(fmt::format("\"{}\" is no data type", tokens_.token()));
    TRY(tokens_.next());
    return *known;
  }

  Result<void> side(MilType& type) {
    if (type.shape.size() == most_mil_sides) return tokens_.bad("a tensor has too many sides");
    TRY(take(sizeof(std::int64_t)));
    if (TRY(tokens_.accept("?"))) {
      type.shape.push_back(mil_unknown);
      return {};
    }
    const std::int64_t size = TRY(tokens_.whole());
    if (size < 0) return tokens_.bad("a tensor has a negative side");
    type.shape.push_back(size);
    return tokens_.next();
  }

  Result<MilOperation> operation() {
    TRY(take(mil_operation_bytes));
    MilOperation result;
    if (at_type()) {
      do {
        result.outputs.push_back(TRY(named_type()));
      } while (TRY(tokens_.accept(",")));
      TRY(tokens_.expect("="));
    }
    result.type = TRY(word());
    TRY(list("(", ")", [&] { return input(result); }));
    if (tokens_.is("[")) TRY(list("[", "]", [&] { return attribute(result); }));
    if (tokens_.is("(") || tokens_.is("{")) {
      return fail(ErrorCode::unsupported,
                  tokens_
                      .bad(fmt::format("operation {} has blocks of its own, which is not run "
                                       "here",
                                       result.text()))
                      .message);
    }
    TRY(tokens_.expect(";"));
    return result;
  }

  Result<void> input(MilOperation& operation) {
    TRY(take(sizeof(MilOperation::Input)));
    MilOperation::Input result{TRY(word()), {}};
    if (operation.inputs.size() == most_mil_inputs || operation.input(result.name) != nullptr) {
      return tokens_.bad(fmt::format("there are too many inputs {}", result.name));
    }
    TRY(tokens_.expect("="));
    const auto add = [&]() -> Result<void> {
      TRY(take(sizeof(MilArgument)));
      result.arguments.push_back(TRY(argument()));
      return {};
    };
    if (tokens_.is("(")) {
      TRY(list("(", ")", add));
    } else {
      TRY(add());
    }
    operation.inputs.push_back(std::move(result));
    return {};
  }

  Result<MilArgument> argument() {
    MilArgument result;
    if (at_type()) {
      result.value = std::make_shared<const MilValue>(TRY(value()));
    } else {
      result.name = TRY(word());
    }
    return result;
  }

  Result<void> attribute(MilOperation& operation) {
    const std::string name = TRY(word());
    TRY(tokens_.expect("="));
    MilValue content = TRY(value());
    // It repeats the name of the output.
    if (name != "name") operation.attributes.emplace_back(name, std::move(content));
    return {};
  }

  /// A type, and in parentheses its elements or the place of them.
  Result<MilValue> value() {
    TRY(take(sizeof(MilValue)));
    MilValue result;
    result.type = TRY(read_type());
    TRY(tokens_.expect("("));
    if (TRY(tokens_.accept("BLOBFILE"))) {
      result.blob = MilBlob{};
      TRY(list("(", ")", [&] { return place(*result.blob); }));
    } else {
      numbers_ = 0;
      TRY(elements(result, 0));
    }
    TRY(tokens_.expect(")"));
    return result;
  }

  Result<void> place(MilBlob& blob) {
    const std::string name = TRY(tokens_.word());
    TRY(tokens_.expect("="));
    const MilType type = TRY(read_type());
    TRY(tokens_.expect("("));
    if (name == "path" && type.element == MilElement::string && tokens_.kind() == TokenKind::text) {
      TRY(take(tokens_.token().size()));
      blob.file = tokens_.text();
    } else if (name == "offset" && tokens_.kind() == TokenKind::number) {
      blob.offset = static_cast<std::uint64_t>(TRY(tokens_.whole()));
    } else {
      return tokens_.bad("a place in a file is a path and an offset");
    }
    TRY(tokens_.next());
    return tokens_.expect(")");
  }

  Result<void> elements(MilValue& value, std::size_t depth) {
    if (!tokens_.is("[")) return append(value);
    if (depth == most_mil_sides) return tokens_.bad("brackets are too deep");
    return list("[", "]", [&] { return elements(value, depth + 1); });
  }

  Result<void> append(MilValue& value) {
    if (numbers_ == most_mil_numbers) return tokens_.bad("a constant has too many elements");
    if (tokens_.kind() == TokenKind::text) {
      TRY(take(sizeof(std::string) + tokens_.token().size()));
      if (value.type.element != MilElement::string) return wrong(value);
      value.strings.push_back(tokens_.text());
    } else {
      TRY(take(sizeof(double)));
      if (!TRY(append_number(value))) return wrong(value);
    }
    ++numbers_;
    return tokens_.next();
  }

  [[nodiscard]] Error wrong(const MilValue& value) const {
    return tokens_.bad(
        fmt::format("\"{}\" is no element of {}", tokens_.token(), value.type.text()));
  }

  Result<bool> append_number(MilValue& value) {
    if (tokens_.is("true") || tokens_.is("false")) {
      return value.type.element == MilElement::boolean &&
             append_mil_number(tokens_.is("true") ? 1 : 0, value);
    }
    if (tokens_.is("inf") || tokens_.token() == "-inf") {
      constexpr double infinity = std::numeric_limits<double>::infinity();
      return append_mil_float(tokens_.is("inf") ? infinity : -infinity, value);
    }
    if (tokens_.is("nan") || tokens_.token() == "-nan") {
      return append_mil_float(std::numeric_limits<double>::quiet_NaN(), value);
    }
    if (tokens_.kind() != TokenKind::number) return false;
    if (is_float(value.type.element)) return append_mil_float(TRY(tokens_.real()), value);
    const std::int64_t number = TRY(tokens_.whole());
    const int bits = bits_of(value.type.element);
    if (bits >= 8) return append_mil_number(number, value);
    return append_mil_bits(number, numbers_, value);
  }

  MilTokens tokens_;
  MilBudget budget_;
  std::size_t numbers_ = 0;  ///< elements of the constant at hand
};

}  // namespace

Result<MilProgram> read_mil_text(std::string_view text, const std::string& name) {
  return MilTextReader(text, name).read();
}

}  // namespace tenfold
