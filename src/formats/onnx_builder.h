// For tests: writes small ONNX models field by field (field numbers from onnx.proto).
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "formats/onnx.h"

namespace tenfold {

/// A protobuf message under construction.
class ProtobufBuilder {
 public:
  ProtobufBuilder& number(int field, std::int64_t value) {
    return raw(field, 0).varint(static_cast<std::uint64_t>(value));
  }
  ProtobufBuilder& text(int field, std::string_view value) {
    raw(field, 2).varint(value.size());
    bytes_ += value;
    return *this;
  }
  ProtobufBuilder& message(int field, const ProtobufBuilder& value) {
    return text(field, value.bytes_);
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  ProtobufBuilder& raw(int field, unsigned type) {
    return varint(static_cast<std::uint64_t>(field) << 3U | type);
  }
  ProtobufBuilder& varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) bytes_ += static_cast<char>(value | 0x80U);
    bytes_ += static_cast<char>(value);
    return *this;
  }
  std::string bytes_;
};

class OnnxBuilder {
 public:
  struct Attribute {
    std::string name;
    std::int64_t value = 0;
  };
  struct External {
    std::string location;
    std::string offset;
    std::string length;
  };

  OnnxBuilder& input(const OnnxValue& value) {
    graph_.message(11, describe(value));
    return *this;
  }
  OnnxBuilder& output(const OnnxValue& value) {
    graph_.message(12, describe(value));
    return *this;
  }
  OnnxBuilder& node(std::string_view operation, const std::vector<std::string>& inputs,
                    const std::vector<std::string>& outputs,
                    const std::vector<Attribute>& attributes = {}, std::string_view domain = "") {
    ProtobufBuilder node;
    for (const std::string& name : inputs) node.text(1, name);
    for (const std::string& name : outputs) node.text(2, name);
    node.text(4, operation);
    for (const Attribute& attribute : attributes) {
      node.message(
          5, ProtobufBuilder().text(1, attribute.name).number(3, attribute.value).number(20, 2));
    }
    if (!domain.empty()) node.text(7, domain);
    graph_.message(1, node);
    return *this;
  }
  /// An If; the branches are graphs without inputs, whose names differ from those of this one.
  OnnxBuilder& choice(const std::string& condition, const std::vector<std::string>& outputs,
                      const OnnxBuilder& then_branch, const OnnxBuilder& else_branch) {
    ProtobufBuilder node;
    node.text(1, condition);
    for (const std::string& name : outputs) node.text(2, name);
    node.text(4, "If");
    const auto branch = [&](const char* name, const OnnxBuilder& graph) {
      node.message(5, ProtobufBuilder().text(1, name).message(6, graph.named(name)).number(20, 5));
    };
    branch("then_branch", then_branch);
    branch("else_branch", else_branch);
    graph_.message(1, node);
    return *this;
  }
  /// Inside the file.
  template <typename T>
  OnnxBuilder& tensor(std::string_view name, OnnxType type, const std::vector<std::int64_t>& shape,
                      const std::vector<T>& values) {
    std::string bytes(values.size() * sizeof(T), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    graph_.message(5, head(name, type, shape).text(9, bytes));
    return *this;
  }
  OnnxBuilder& external_tensor(std::string_view name, OnnxType type,
                               const std::vector<std::int64_t>& shape, const External& place) {
    ProtobufBuilder tensor = head(name, type, shape);
    const auto entry = [&](std::string_view key, const std::string& value) {
      if (!value.empty()) tensor.message(13, ProtobufBuilder().text(1, key).text(2, value));
    };
    entry("location", place.location);
    entry("offset", place.offset);
    entry("length", place.length);
    graph_.message(5, tensor.number(14, 1));
    return *this;
  }
  [[nodiscard]] std::string build() const {
    return ProtobufBuilder()
        .number(1, 9)
        .text(2, "tenfold")
        .message(7, named("test"))
        .message(8, ProtobufBuilder().text(1, "").number(2, 18))
        .message(8, ProtobufBuilder().text(1, "com.microsoft").number(2, 1))
        .bytes();
  }

 private:
  [[nodiscard]] ProtobufBuilder named(const char* name) const {
    ProtobufBuilder graph = graph_;
    return graph.text(2, name);
  }
  static ProtobufBuilder head(std::string_view name, OnnxType type,
                              const std::vector<std::int64_t>& shape) {
    ProtobufBuilder tensor;
    for (const std::int64_t size : shape) tensor.number(1, size);
    return tensor.number(2, static_cast<int>(type)).text(8, name);
  }
  static ProtobufBuilder describe(const OnnxValue& value) {
    ProtobufBuilder shape;
    for (const std::int64_t size : value.shape) {
      ProtobufBuilder dimension;
      size < 0 ? dimension.text(2, "any") : dimension.number(1, size);
      shape.message(1, dimension);
    }
    const auto tensor = ProtobufBuilder().number(1, static_cast<int>(value.type)).message(2, shape);
    return ProtobufBuilder().text(1, value.name).message(2, ProtobufBuilder().message(1, tensor));
  }

  ProtobufBuilder graph_;
};

/// What makes a file a decoder, and nothing that computes.
inline OnnxBuilder smallest_decoder() {
  const std::vector<std::int64_t> cache{1, 1, OnnxValue::symbolic, 8};
  const std::vector<std::int64_t> row{1, OnnxValue::symbolic};
  return OnnxBuilder()
      .input({"input_ids", OnnxType::int64, row})
      .input({"past_key_values.0.key", OnnxType::float32, cache})
      .output({"logits", OnnxType::float32, {1, OnnxValue::symbolic, 512}})
      .output({"present.0.key", OnnxType::float32, cache});
}

}  // namespace tenfold
