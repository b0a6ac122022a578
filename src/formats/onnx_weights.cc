// Also knows the operators of ONNX Runtime that pack several weights into a byte.
#include "formats/onnx_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "formats/damaged.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

template <typename Visit>
void each_node(const OnnxModel& model, const Visit& visit) {
  std::ranges::for_each(model.nodes, visit);
  std::ranges::for_each(model.inner_nodes, visit);
}

std::uint64_t integer(const OnnxNode& node, const char* name, std::int64_t otherwise) {
  const auto found = node.integers.find(name);
  return static_cast<std::uint64_t>(found == node.integers.end() ? otherwise : found->second);
}

/// Weights by tensor where they are not its elements: packed, or no weights at all.
std::map<std::string_view, std::uint64_t> special_counts(const std::vector<OnnxTensor>& tensors,
                                                         const OnnxModel& model) {
  std::map<std::string_view, const OnnxTensor*> by_name;
  for (const OnnxTensor& tensor : tensors) by_name.emplace(tensor.name, &tensor);
  std::map<std::string_view, std::uint64_t> counts;
  each_node(model, [&](const OnnxNode& node) {
    const auto argument = [&](std::size_t i) -> std::string_view {
      return i < node.inputs.size() ? node.inputs[i] : std::string_view();
    };
    if (node.operation == "MatMulNBits" || node.operation == "MatMulBnb4") {
      counts[argument(1)] = integer(node, "K", 0) * integer(node, "N", 0);
      counts[argument(2)] = counts[argument(3)] = counts[argument(4)] = 0;
    } else if (node.operation == "GatherBlockQuantized") {
      const auto data = by_name.find(argument(0));
      const std::uint64_t bits = std::max<std::uint64_t>(1, integer(node, "bits", 4));
      if (data != by_name.end() && data->second->type == OnnxType::uint8) {
        counts.try_emplace(argument(0), data->second->elements() * 8 / bits);
      }
      counts[argument(2)] = counts[argument(3)] = 0;
    } else if (node.operation == "GroupQueryAttention") {
      counts[argument(7)] = counts[argument(8)] = 0;  // tables of sines and cosines
    }
  });
  return counts;
}

Error bad_weights(const std::string& path, std::string_view what) {
  return damaged_as("an ONNX model", path, what);
}

/// ONNX Runtime reads weights below the model's folder only; links count as what they lead to. In
/// the cache of the hub the model is a link itself, and the weights may lie beside its file.
bool leads_outside(const fs::path& model, const fs::path& weights) {
  std::error_code error;
  const fs::path real = fs::canonical(weights, error);
  const auto within = [&](const fs::path& folder) {
    const fs::path relative = real.lexically_relative(folder);
    return !relative.empty() && *relative.begin() != "..";
  };
  return !error && !within(fs::canonical(fs::absolute(model).parent_path(), error)) &&
         !within(fs::canonical(model, error).parent_path());
}

Result<void> check_file(const std::string& model, const fs::path& location, std::uint64_t bytes) {
  if (location.is_absolute() || std::ranges::find(location, fs::path("..")) != location.end()) {
    return bad_weights(model,
                       fmt::format("its weights lie outside its folder, at {}", location.string()));
  }
  const std::string path = fs::path(model).parent_path() / location;
  const auto source = open_file_source(path);
  if (!source.ok() && source.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::bad_model,
                fmt::format("{} needs the weights in {}, which is missing", model, path),
                "download that file into the same folder");
  }
  if (!source.ok()) return source.error();
  if (leads_outside(model, path)) {
    return fail(
        ErrorCode::bad_model,
        fmt::format("{} needs the weights in {}, which is a link to {}, outside the model's "
                    "folder",
                    model, path, fs::canonical(path).string()),
        "put the file itself into that folder: ONNX Runtime follows no link out of it");
  }
  if ((*source)->size() >= bytes) return {};
  return fail(ErrorCode::bad_model,
              fmt::format("{} needs {} bytes of weights in {}, which has {}", model, bytes, path,
                          (*source)->size()),
              "download that file again");
}

}  // namespace

std::uint64_t OnnxTensor::elements() const {
  std::uint64_t count = 1;
  for (const std::int64_t size : shape) {
    const auto factor = static_cast<std::uint64_t>(std::max<std::int64_t>(size, 0));
    if (__builtin_mul_overflow(count, factor, &count)) return 0;
  }
  return count;
}

std::uint64_t OnnxTensor::bytes() const {
  const auto bits = static_cast<std::uint64_t>(element_bits(type));
  return bits == 4 ? (elements() + 1) / 2 : elements() * (bits / 8);
}

void count_weights(const std::vector<OnnxTensor>& tensors, OnnxModel& model) {
  const auto special = special_counts(tensors, model);
  std::map<OnnxType, std::uint64_t> by_type;
  std::map<std::string_view, int> readers;
  each_node(model, [&](const OnnxNode& node) {
    for (const std::string& name : node.inputs) ++readers[name];
  });
  for (const OnnxTensor& tensor : tensors) {
    const std::uint64_t bytes = tensor.bytes();
    (tensor.external.empty() ? model.inline_bytes : model.external_bytes) += bytes;
    if (readers[tensor.name] > 1) model.shared_bytes += bytes;
    by_type[tensor.type] += bytes;
    if (const auto found = special.find(tensor.name); found != special.end()) {
      model.parameters += found->second;
    } else if (tensor.type != OnnxType::int64 && tensor.type != OnnxType::boolean) {
      model.parameters += tensor.elements();
    }
  }
  const auto most =
      std::ranges::max_element(by_type, {}, [](const auto& entry) { return entry.second; });
  if (most != by_type.end()) model.weight_type = most->first;
}

Result<std::vector<std::string>> check_external_weights(const std::vector<OnnxTensor>& tensors,
                                                        const std::string& path) {
  std::map<std::string, std::uint64_t> needed;  // bytes by location
  for (const OnnxTensor& tensor : tensors) {
    if (tensor.external.empty()) continue;
    const auto number = [&](const char* key, std::uint64_t otherwise) {
      const auto found = tensor.external.find(key);
      if (found == tensor.external.end()) return otherwise;
      const std::string& text = found->second;
      std::from_chars(text.data(), text.data() + text.size(), otherwise);
      return otherwise;
    };
    const auto location = tensor.external.find("location");
    if (location == tensor.external.end())
      return bad_weights(path, tensor.name + " has no location");
    std::uint64_t end = 0;
    if (__builtin_add_overflow(number("offset", 0), number("length", tensor.bytes()), &end)) {
      return bad_weights(path, tensor.name + " has an impossible place");
    }
    std::uint64_t& most = needed[location->second];
    most = std::max(most, end);
  }
  std::vector<std::string> files;
  for (const auto& [location, bytes] : needed) {
    TRY(check_file(path, location, bytes));
    files.push_back(location);
  }
  return files;
}

int element_bits(OnnxType type) {
  switch (type) {
    case OnnxType::uint4:
    case OnnxType::int4:
      return 4;
    case OnnxType::uint8:
    case OnnxType::int8:
    case OnnxType::boolean:
      return 8;
    case OnnxType::float16:
    case OnnxType::bfloat16:
      return 16;
    case OnnxType::float32:
    case OnnxType::int32:
      return 32;
    case OnnxType::int64:
    case OnnxType::float64:
      return 64;
    case OnnxType::none:
      break;
  }
  return 0;
}

std::string to_string(OnnxType type) {
  switch (type) {
    case OnnxType::none:
      return "no tensor";
    case OnnxType::float32:
      return "float32";
    case OnnxType::uint8:
      return "uint8";
    case OnnxType::int8:
      return "int8";
    case OnnxType::int32:
      return "int32";
    case OnnxType::int64:
      return "int64";
    case OnnxType::boolean:
      return "boolean";
    case OnnxType::float16:
      return "float16";
    case OnnxType::float64:
      return "float64";
    case OnnxType::bfloat16:
      return "bfloat16";
    case OnnxType::uint4:
      return "uint4";
    case OnnxType::int4:
      return "int4";
  }
  return fmt::format("type {}", static_cast<int>(type));
}

}  // namespace tenfold
