// For tests: writes small GGUF files, good ones and, through raw parts, bad ones.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "formats/gguf_types.h"

namespace tenfold {

class GgufBuilder {
 public:
  template <typename T>
  static std::string raw(T value) {
    std::string bytes(sizeof(T), '\0');
    std::memcpy(bytes.data(), &value, sizeof(T));
    return bytes;
  }
  static std::string raw_string(std::string_view text) {
    return raw(std::uint64_t{text.size()}) + std::string(text);
  }

  /// A key with its type number and value bytes as they are.
  GgufBuilder& entry(std::string_view key, GgufType type, const std::string& value) {
    values_ += raw_string(key) + raw(static_cast<std::uint32_t>(type)) + value;
    ++keys_;
    return *this;
  }
  GgufBuilder& text(std::string_view key, std::string_view value) {
    return entry(key, GgufType::string, raw_string(value));
  }
  GgufBuilder& integer(std::string_view key, std::uint32_t value) {
    return entry(key, GgufType::uint32, raw(value));
  }
  GgufBuilder& real(std::string_view key, float value) {
    return entry(key, GgufType::float32, raw(value));
  }
  GgufBuilder& texts(std::string_view key, const std::vector<std::string>& values) {
    std::string all = array_head(GgufType::string, values.size());
    for (const std::string& value : values) all += raw_string(value);
    return entry(key, GgufType::array, all);
  }
  template <typename T>
  GgufBuilder& array(std::string_view key, GgufType element, const std::vector<T>& values) {
    std::string all = array_head(element, values.size());
    for (const T value : values) all += raw(value);
    return entry(key, GgufType::array, all);
  }
  /// A tokenizer of these tokens.
  GgufBuilder& tokenizer(const std::vector<std::string>& tokens) {
    return text("tokenizer.ggml.model", "llama")
        .texts("tokenizer.ggml.tokens", tokens)
        .array("tokenizer.ggml.scores", GgufType::float32, std::vector<float>(tokens.size()))
        .array("tokenizer.ggml.token_type", GgufType::int32,
               std::vector<std::int32_t>(tokens.size(), 1));
  }
  static std::string array_head(GgufType element, std::uint64_t count) {
    return raw(static_cast<std::uint32_t>(element)) + raw(count);
  }

  /// A float tensor; its offset is worked out.
  GgufBuilder& tensor(std::string_view name, const std::vector<std::uint64_t>& shape,
                      const std::vector<float>& values) {
    std::string bytes(values.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return tensor_bytes(name, shape, 0, data_.size(), bytes);
  }
  GgufBuilder& tensor_bytes(std::string_view name, const std::vector<std::uint64_t>& shape,
                            std::uint32_t type, std::uint64_t offset, const std::string& bytes) {
    infos_ += raw_string(name) + raw(static_cast<std::uint32_t>(shape.size()));
    for (const std::uint64_t size : shape) infos_ += raw(size);
    infos_ += raw(type) + raw(offset);
    data_ += bytes;
    data_.resize((data_.size() + 31) / 32 * 32);
    ++tensors_;
    return *this;
  }

  [[nodiscard]] std::string build(std::uint32_t version = 3) const {
    std::string file = "GGUF" + raw(version) + raw(tensors_) + raw(keys_) + values_ + infos_;
    if (tensors_ > 0) file.resize((file.size() + 31) / 32 * 32);
    return file + data_;
  }

 private:
  std::string values_;
  std::string infos_;
  std::string data_;
  std::uint64_t keys_ = 0;
  std::uint64_t tensors_ = 0;
};

/// The least that is a model.
inline std::string small_gguf() {
  return GgufBuilder()
      .text("general.architecture", "llama")
      .integer("llama.block_count", 1)
      .integer("llama.embedding_length", 8)
      .integer("llama.context_length", 8)
      .tokenizer({"a"})
      .tensor("t", {8}, std::vector<float>(8))
      .build();
}

}  // namespace tenfold
