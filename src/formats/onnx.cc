// Reads onnx.proto's messages field by field.
#include "formats/onnx.h"

#include <fmt/format.h>

#include <cstring>
#include <optional>
#include <set>

#include "formats/detect.h"
#include "formats/onnx_weights.h"
#include "formats/protobuf.h"

namespace tenfold {
namespace {

constexpr std::uint64_t longest_onnx_name = 4096;
constexpr std::size_t most_onnx_dimensions = 16;
constexpr std::size_t most_nodes = 200'000;
constexpr std::size_t most_tensors = 200'000;
constexpr std::size_t most_onnx_values = 10'000;
constexpr std::size_t most_arguments = 1'000;
constexpr int deepest_graph = 8;
constexpr std::uint64_t longest_number = 10;  // bytes, as a varint

class OnnxReader {
 public:
  OnnxReader(const ByteSource& source, const std::string& path)
      : file_(source, path, "an ONNX model"), path_(path) {}

  Result<OnnxModel> read() {
    bool has_graph = false;
    TRY(each_field(ProtobufMessage(file_), [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 2) model_.producer = TRY(field.text(longest_onnx_name));
      if (field.field() != 7) return {};
      has_graph = true;
      return read_graph(field.message());
    }));
    if (!has_graph) return file_.bad("it has no graph");
    for (const OnnxTensor& tensor : tensors_) {
      if (tensor.whole_number) model_.whole_numbers.emplace(tensor.name, *tensor.whole_number);
    }
    count_weights(tensors_, model_);
    std::set<std::string_view> initialized;
    for (const OnnxTensor& tensor : tensors_) initialized.insert(tensor.name);
    std::erase_if(model_.inputs,
                  [&](const OnnxValue& value) { return initialized.contains(value.name); });
    model_.external_files = TRY(check_external_weights(tensors_, path_));
    return std::move(model_);
  }

 private:
  template <typename T>
  Result<void> add(std::vector<T>& list, T value, std::size_t limit) {
    if (list.size() == limit) return file_.bad(fmt::format("a list is longer than {}", limit));
    list.push_back(std::move(value));
    return {};
  }

  Result<void> read_graph(const ProtobufMessage& graph) {
    return each_field(graph, [&](const ProtobufMessage& field) -> Result<void> {
      switch (field.field()) {
        case 1: {
          OnnxNode node = TRY(read_node(field.message()));
          return add(depth_ == 0 ? model_.nodes : model_.inner_nodes, std::move(node), most_nodes);
        }
        case 5: {
          OnnxTensor tensor = TRY(read_tensor(field.message()));
          if (depth_ > 0) tensor.whole_number.reset();
          return add(tensors_, std::move(tensor), most_tensors);
        }
        case 11:
          if (depth_ > 0) return {};
          return add(model_.inputs, TRY(read_value(field.message())), most_onnx_values);
        case 12:
          if (depth_ > 0) return {};
          return add(model_.outputs, TRY(read_value(field.message())), most_onnx_values);
        default:
          return {};
      }
    });
  }

  Result<OnnxNode> read_node(const ProtobufMessage& message) {
    OnnxNode node;
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1)
        return add(node.inputs, TRY(field.text(longest_onnx_name)), most_arguments);
      if (field.field() == 2)
        return add(node.outputs, TRY(field.text(longest_onnx_name)), most_arguments);
      if (field.field() == 4) node.operation = TRY(field.text(longest_onnx_name));
      if (field.field() == 5) TRY(read_attribute(field.message(), node));
      return {};
    }));
    return node;
  }

  Result<void> read_attribute(const ProtobufMessage& message, OnnxNode& node) {
    std::string name;
    std::int64_t value = 0;
    bool is_integer = false;
    std::optional<std::int64_t> whole_number;
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) name = TRY(field.text(longest_onnx_name));
      if (field.field() == 3) value = field.number();
      if (field.field() == 5) whole_number = TRY(read_tensor(field.message())).whole_number;
      if (field.field() == 6) return read_body(field.message());
      if (field.field() == 20) is_integer = field.number() == 2;
      return {};
    }));
    if (is_integer) node.integers[name] = value;
    // Of the operator Constant, which comes with its outputs: they are written before.
    if (whole_number && depth_ == 0 && node.outputs.size() == 1) {
      model_.whole_numbers[node.outputs[0]] = *whole_number;
    }
    return {};
  }

  /// The graph of a branch or loop.
  Result<void> read_body(const ProtobufMessage& graph) {
    if (depth_ == deepest_graph) return file_.bad("its graphs are nested too deep");
    ++depth_;
    auto read = read_graph(graph);
    --depth_;
    return read;
  }

  Result<OnnxValue> read_value(const ProtobufMessage& message) {
    OnnxValue value;
    const auto read_shape = [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() != 1) return {};
      std::int64_t size = OnnxValue::symbolic;
      TRY(each_field(field.message(), [&](const ProtobufMessage& dimension) -> Result<void> {
        if (dimension.field() == 1) size = dimension.number();
        return {};
      }));
      return add(value.shape, size, most_onnx_dimensions);
    };
    const auto read_tensor_type = [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) value.type = static_cast<OnnxType>(field.number());
      return field.field() == 2 ? each_field(field.message(), read_shape) : Result<void>();
    };
    const auto read_type = [&](const ProtobufMessage& field) -> Result<void> {
      return field.field() == 1 ? each_field(field.message(), read_tensor_type) : Result<void>();
    };
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) value.name = TRY(field.text(longest_onnx_name));
      return field.field() == 2 ? each_field(field.message(), read_type) : Result<void>();
    }));
    return value;
  }

  Result<OnnxTensor> read_tensor(const ProtobufMessage& message) {
    OnnxTensor tensor;
    std::vector<std::int64_t> numbers;
    std::string raw;
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) return field.append_numbers(tensor.shape, most_onnx_dimensions);
      if (field.field() == 2) tensor.type = static_cast<OnnxType>(field.number());
      const bool is_list = field.field() == 5 || field.field() == 7;
      if (is_list && field.length() <= longest_number && numbers.size() < 2) {
        TRY(field.append_numbers(numbers, 2 * longest_number));
      }
      if (field.field() == 8) tensor.name = TRY(field.text(longest_onnx_name));
      if (field.field() == 9 && field.length() <= longest_number) {
        raw = TRY(field.text(longest_number));
      }
      if (field.field() == 13) TRY(read_external(field.message(), tensor));
      return {};
    }));
    if (tensor.elements() == 1) tensor.whole_number = whole_number(tensor.type, raw, numbers);
    return tensor;
  }

  static std::optional<std::int64_t> whole_number(OnnxType type, const std::string& raw,
                                                  const std::vector<std::int64_t>& numbers) {
    if (type != OnnxType::int64 && type != OnnxType::int32) return {};
    if (numbers.size() == 1) return numbers[0];
    std::int64_t wide = 0;
    std::int32_t narrow = 0;
    if (type == OnnxType::int64 && raw.size() == sizeof wide) {
      std::memcpy(&wide, raw.data(), sizeof wide);
      return wide;
    }
    if (type == OnnxType::int32 && raw.size() == sizeof narrow) {
      std::memcpy(&narrow, raw.data(), sizeof narrow);
      return narrow;
    }
    return {};
  }

  Result<void> read_external(const ProtobufMessage& message, OnnxTensor& tensor) {
    std::string key;
    std::string value;
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) key = TRY(field.text(longest_onnx_name));
      if (field.field() == 2) value = TRY(field.text(longest_onnx_name));
      return {};
    }));
    tensor.external[key] = value;
    return {};
  }

  ProtobufFile file_;
  const std::string& path_;
  OnnxModel model_;
  std::vector<OnnxTensor> tensors_;
  int depth_ = 0;  // of the graph that is read
};

}  // namespace

Result<OnnxModel> open_onnx_model(const std::string& path) {
  const auto source = TRY(open_file_source(path));
  return read_onnx_model(*source, path);
}

Result<OnnxModel> read_onnx_model(const ByteSource& source, const std::string& path) {
  TRY(require_format(source, path, "onnx"));
  return OnnxReader(source, path).read();
}

}  // namespace tenfold
