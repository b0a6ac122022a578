// Reads onnx.proto's messages field by field.
#include "formats/onnx.h"

#include <fmt/format.h>

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
        case 1:
          return add(model_.nodes, TRY(read_node(field.message())), most_nodes);
        case 5:
          return add(tensors_, TRY(read_tensor(field.message())), most_tensors);
        case 11:
          return add(model_.inputs, TRY(read_value(field.message())), most_onnx_values);
        case 12:
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
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) name = TRY(field.text(longest_onnx_name));
      if (field.field() == 3) value = field.number();
      if (field.field() == 20) is_integer = field.number() == 2;
      return {};
    }));
    if (is_integer) node.integers[name] = value;
    return {};
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
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) return field.append_numbers(tensor.shape, most_onnx_dimensions);
      if (field.field() == 2) tensor.type = static_cast<OnnxType>(field.number());
      if (field.field() == 8) tensor.name = TRY(field.text(longest_onnx_name));
      if (field.field() == 13) TRY(read_external(field.message(), tensor));
      return {};
    }));
    return tensor;
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
