// Reads the tensor table and checks that the weights it promises are there.
#include "formats/gguf_tensors.h"

#include <fmt/format.h>

#include <limits>
#include <unordered_set>

namespace tenfold {
namespace {

constexpr std::uint64_t longest_tensor_name = 63;  // ggml keeps 64 bytes with the terminator
constexpr std::uint64_t most_tensor_elements = std::numeric_limits<std::int64_t>::max() / 16;

Result<void> read_shape(GgufCursor& cursor, GgufTensor& tensor) {
  const auto dimensions = TRY(cursor.number<std::uint32_t>());
  if (dimensions > tensor.shape.size()) {
    return cursor.bad(
        fmt::format("the tensor {} has {} dimensions; 4 are allowed", tensor.name, dimensions));
  }
  std::uint64_t elements = 1;
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    const auto size = TRY(cursor.number<std::uint64_t>());
    if (size == 0 || size > most_tensor_elements / elements) {
      return cursor.bad(
          fmt::format("the tensor {} has the impossible dimension {}", tensor.name, size));
    }
    tensor.shape[i] = size;
    elements *= size;
  }
  return {};
}

Result<void> read_encoding(GgufCursor& cursor, GgufTensor& tensor, const std::string& name) {
  const auto number = TRY(cursor.number<std::uint32_t>());
  const TensorEncoding* encoding = find_tensor_encoding(number);
  if (encoding == nullptr) {
    return fail(ErrorCode::unsupported,
                fmt::format("{}: the tensor {} has the unknown type {}", name, tensor.name, number),
                "the file may be damaged, or made for another version of llama.cpp");
  }
  if (tensor.shape[0] % encoding->block != 0) {
    return cursor.bad(fmt::format("rows of the tensor {} have {} elements, not a multiple of {}",
                                  tensor.name, tensor.shape[0], encoding->block));
  }
  tensor.encoding = encoding->name;
  tensor.bytes = tensor.shape[0] / encoding->block * encoding->bytes * tensor.shape[1] *
                 tensor.shape[2] * tensor.shape[3];
  return {};
}

}  // namespace

Result<std::vector<GgufTensor>> read_gguf_tensors(GgufCursor& cursor, std::uint64_t count,
                                                  std::uint64_t alignment, std::uint64_t file_bytes,
                                                  const std::string& name) {
  std::vector<GgufTensor> tensors;
  std::unordered_set<std::string> names;
  std::uint64_t expected = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    GgufTensor tensor;
    tensor.name = TRY(cursor.string(longest_tensor_name, "a tensor name"));
    if (!names.insert(tensor.name).second) {
      return cursor.bad(fmt::format("the tensor {} appears twice", tensor.name));
    }
    TRY(read_shape(cursor, tensor));
    TRY(read_encoding(cursor, tensor, name));
    tensor.offset = TRY(cursor.number<std::uint64_t>());
    // Tensors follow each other without gaps but the padding: what ggml itself demands.
    if (tensor.offset != expected) {
      return cursor.bad(fmt::format("the tensor {} is at offset {} instead of {}", tensor.name,
                                    tensor.offset, expected));
    }
    if (tensor.bytes > std::numeric_limits<std::int64_t>::max() - expected - alignment) {
      return cursor.bad(fmt::format("the tensor {} is impossibly large", tensor.name));
    }
    expected += (tensor.bytes + alignment - 1) / alignment * alignment;
    tensors.push_back(std::move(tensor));
  }
  const std::uint64_t data = (cursor.position() + alignment - 1) / alignment * alignment;
  for (GgufTensor& tensor : tensors) tensor.offset += data;
  if (!tensors.empty()) {
    const std::uint64_t needed = tensors.back().offset + tensors.back().bytes;
    if (needed > file_bytes) {
      return fail(
          ErrorCode::bad_model,
          fmt::format("{} is truncated: it needs {} bytes and has {}", name, needed, file_bytes),
          "download the file again");
    }
  }
  return tensors;
}

}  // namespace tenfold
