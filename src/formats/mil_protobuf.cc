#include "formats/mil_protobuf.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "formats/mil_limits.h"
#include "formats/mil_value.h"

namespace tenfold {
namespace {

/// A map's entry: field 1 the key, field 2 the value, a message.
struct MapEntry {
  std::string key;
  ProtobufMessage value;
};

class MilProtobufReader {
 public:
  explicit MilProtobufReader(const ProtobufFile& file) : file_(file) {}

  Result<MilProgram> read(const ProtobufMessage& message) {
    MilProgram program;
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() != 2) return {};
      const MapEntry entry = TRY(map_entry(field));
      if (program.functions.size() == most_mil_functions) {
        return file_.bad("its program has too many functions");
      }
      if (program.function(entry.key) != nullptr) {
        return file_.bad(fmt::format("it has two functions {}", entry.key));
      }
      program.functions.push_back(TRY(function(entry)));
      return {};
    }));
    if (program.functions.empty()) return file_.bad("its program has no function");
    return program;
  }

 private:
  Result<void> take(std::size_t bytes) {
    if (budget_.take(bytes)) return {};
    return file_.bad("its program is larger than that of any language model");
  }

  Result<std::string> name(const ProtobufMessage& field) {
    TRY(take(field.length()));
    return field.text(longest_mil_name);
  }

  Result<MapEntry> map_entry(const ProtobufMessage& field) {
    // Where a message has no bytes, its value may be left out.
    MapEntry entry{"", field.empty_message()};
    TRY(each_field(field.message(), [&](const ProtobufMessage& part) -> Result<void> {
      if (part.field() == 1) entry.key = TRY(name(part));
      if (part.field() == 2) entry.value = part.message();
      return {};
    }));
    return entry;
  }

  /// Function: inputs, the set of operations, and a block for every set it is specialized for.
  Result<MilFunction> function(const MapEntry& entry) {
    where_ = fmt::format("function {}", entry.key);
    MilFunction result{entry.key, "", {}, {}, {}};
    std::vector<MapEntry> blocks;
    TRY(each_field(entry.value, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) {
        TRY(check_room(result.inputs.size()));
        result.inputs.push_back(TRY(named_type(field.message())));
      }
      if (field.field() == 2) result.opset = TRY(name(field));
      if (field.field() == 3) {
        TRY(take(sizeof(MapEntry)));
        blocks.push_back(TRY(map_entry(field)));
      }
      return {};
    }));
    const auto found = std::ranges::find(blocks, result.opset, &MapEntry::key);
    if (found == blocks.end()) {
      return file_.bad(fmt::format("{} has no block for {}", where_, result.opset));
    }
    TRY(each_field(found->value, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 2) {
        TRY(check_room(result.outputs.size()));
        result.outputs.push_back(TRY(name(field)));
      }
      if (field.field() == 3) result.operations.push_back(TRY(operation(field.message())));
      return {};
    }));
    return result;
  }

  [[nodiscard]] Result<void> check_room(std::size_t tensors) const {
    if (tensors < most_mil_tensors) return {};
    return file_.bad(fmt::format("{} has too many inputs or outputs", where_));
  }

  Result<MilOperation> operation(const ProtobufMessage& message) {
    TRY(take(mil_operation_bytes));
    MilOperation result;
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      switch (field.field()) {
        case 1:
          result.type = TRY(name(field));
          return {};
        case 2:
          return input(field, result);
        case 3:
          result.outputs.push_back(TRY(named_type(field.message())));
          return {};
        case 4:
          return unsupported(fmt::format("operation {} has blocks of its own", result.text()));
        case 5:
          return attribute(field, result);
        default:
          return {};
      }
    }));
    return result;
  }

  Result<void> input(const ProtobufMessage& field, MilOperation& operation) {
    TRY(take(sizeof(MilOperation::Input)));
    const MapEntry entry = TRY(map_entry(field));
    if (operation.inputs.size() == most_mil_inputs || operation.input(entry.key) != nullptr) {
      return file_.bad(fmt::format("in {}, operation {} has too many inputs {}", where_,
                                   operation.text(), entry.key));
    }
    MilOperation::Input result{entry.key, {}};
    TRY(each_field(entry.value, [&](const ProtobufMessage& binding) -> Result<void> {
      if (binding.field() != 1) return {};
      TRY(take(sizeof(MilArgument)));
      MilArgument argument;
      TRY(each_field(binding.message(), [&](const ProtobufMessage& part) -> Result<void> {
        // Of both, the later one counts, as everywhere in protobuf.
        if (part.field() == 1) argument = {TRY(name(part)), nullptr};
        if (part.field() == 2) {
          argument = {"", std::make_shared<const MilValue>(TRY(value(part.message())))};
        }
        return {};
      }));
      result.arguments.push_back(std::move(argument));
      return {};
    }));
    operation.inputs.push_back(std::move(result));
    return {};
  }

  Result<void> attribute(const ProtobufMessage& field, MilOperation& operation) {
    const MapEntry entry = TRY(map_entry(field));
    // It repeats the name of the output.
    if (entry.key == "name") return {};
    operation.attributes.emplace_back(entry.key, TRY(value(entry.value)));
    return {};
  }

  Result<MilNamedType> named_type(const ProtobufMessage& message) {
    TRY(take(sizeof(MilNamedType)));
    MilNamedType result;
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) result.name = TRY(name(field));
      if (field.field() == 2) result.type = TRY(type(field.message()));
      return {};
    }));
    return result;
  }

  /// ValueType, of which language models use tensors and states of tensors.
  Result<MilType> type(const ProtobufMessage& message) {
    MilType result;
    bool known = false;
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) {
        known = true;
        return tensor_type(field.message(), result);
      }
      if (field.field() != 5) return {};
      result.is_state = true;
      return each_field(field.message(), [&](const ProtobufMessage& wrapped) -> Result<void> {
        if (wrapped.field() != 1) return {};
        return each_field(wrapped.message(), [&](const ProtobufMessage& inner) -> Result<void> {
          if (inner.field() != 1) return {};
          known = true;
          return tensor_type(inner.message(), result);
        });
      });
    }));
    if (!known) return unsupported("a value is neither a tensor nor the state of one");
    return result;
  }

  Result<void> tensor_type(const ProtobufMessage& message, MilType& type) {
    std::int64_t element = 0;
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) element = field.number();
      if (field.field() == 3) {
        if (type.shape.size() == most_mil_sides) return file_.bad("a tensor has too many sides");
        TRY(take(sizeof(std::int64_t)));
        type.shape.push_back(TRY(side(field.message())));
      }
      return {};
    }));
    const auto known = mil_element_of_protobuf(element);
    if (!known) {
      return unsupported(fmt::format("a tensor is of the unknown data type {}", element));
    }
    type.element = *known;
    return {};
  }

  Result<std::int64_t> side(const ProtobufMessage& dimension) {
    std::int64_t size = 0;
    TRY(each_field(dimension, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 2) size = mil_unknown;
      if (field.field() != 1) return {};
      return each_field(field.message(), [&](const ProtobufMessage& constant) -> Result<void> {
        if (constant.field() != 1) return {};
        if (constant.number() < 0) return file_.bad("a tensor has a side that is too long");
        size = constant.number();
        return {};
      });
    }));
    return size;
  }

  Result<MilValue> value(const ProtobufMessage& message) {
    TRY(take(sizeof(MilValue)));
    MilValue result;
    ProtobufMessage immediate = message.empty_message();
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 2) result.type = TRY(type(field.message()));
      if (field.field() == 3) immediate = field.message();
      if (field.field() == 5) result.blob = TRY(blob(field.message()));
      return {};
    }));
    if (result.blob) return result;
    TRY(each_field(immediate, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() != 1) return unsupported("a constant is no tensor");
      return each_field(field.message(), [&](const ProtobufMessage& list) -> Result<void> {
        return each_field(list.message(), [&](const ProtobufMessage& values) -> Result<void> {
          return values.field() == 1 ? append(list.field(), values, result) : Result<void>();
        });
      });
    }));
    return result;
  }

  Result<MilBlob> blob(const ProtobufMessage& message) {
    MilBlob result;
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) result.file = TRY(name(field));
      if (field.field() == 2) result.offset = static_cast<std::uint64_t>(field.number());
      return {};
    }));
    return result;
  }

  /// `values` of one of the lists of TensorValue.
  Result<void> append(int list, const ProtobufMessage& values, MilValue& value) {
    TRY(take(values.length()));
    switch (list) {
      case 1:  // floats
      case 6:  // doubles
      case 7:  // bytes
        value.bytes += TRY(values.text(most_mil_numbers));
        return {};
      case 2:    // ints
      case 3:    // bools
      case 5: {  // long ints
        std::vector<std::int64_t> numbers;
        TRY(values.append_numbers(numbers, most_mil_numbers));
        TRY(take(numbers.size() * sizeof(std::int64_t)));
        for (const std::int64_t number : numbers) {
          if (append_mil_number(number, value)) continue;
          return file_.bad(
              fmt::format("in {}, a constant of {} holds {}", where_, value.type.text(), number));
        }
        return {};
      }
      case 4:  // strings
        TRY(take(sizeof(std::string)));
        value.strings.push_back(TRY(values.text(longest_mil_name)));
        return {};
      default:
        return unsupported("a constant holds an unknown kind of numbers");
    }
  }

  [[nodiscard]] Error unsupported(std::string_view what) const {
    return fail(ErrorCode::unsupported,
                fmt::format("{}: in {}, {}, which is not run here", file_.name(), where_, what));
  }

  const ProtobufFile& file_;
  MilBudget budget_;
  std::string where_;
};

}  // namespace

Result<MilProgram> read_mil_protobuf(const ProtobufFile& file, const ProtobufMessage& message) {
  return MilProtobufReader(file).read(message);
}

}  // namespace tenfold
