#include "formats/safetensors.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <utility>

#include "formats/bounded_json.h"
#include "formats/damaged.h"

namespace tenfold {
namespace {

constexpr std::uint64_t length_bytes = 8;
constexpr std::uint64_t largest_header = 100'000'000;  // as the safetensors library has it
constexpr std::size_t most_tensor_dimensions = 16;
constexpr std::size_t longest_name = 256;
constexpr std::size_t most_named_tensors = 200'000;

/// 0: a type whose size is not known here.
std::uint64_t bytes_of(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 13> sizes{{{"F64", 8},
                                                                              {"I64", 8},
                                                                              {"U64", 8},
                                                                              {"F32", 4},
                                                                              {"I32", 4},
                                                                              {"U32", 4},
                                                                              {"F16", 2},
                                                                              {"BF16", 2},
                                                                              {"I16", 2},
                                                                              {"U16", 2},
                                                                              {"I8", 1},
                                                                              {"U8", 1},
                                                                              {"BOOL", 1}}};
  for (const auto& [name, bytes] : sizes) {
    if (name == type) return bytes;
  }
  return 0;
}

class Scan : public JsonEvents {
 public:
  Scan(std::uint64_t data_begin, std::uint64_t data_bytes)
      : data_begin_(data_begin), data_bytes_(data_bytes) {}

  SafetensorsHeader header;
  std::string problem;

  bool key(std::string& value) override {
    if (depth_ == 1) {
      tensor_.clear();
      if (value.size() > longest_name) return stop("has a name that is too long");
      tensor_ = value;
    }
    if (depth_ == 2) field_ = value;
    return true;
  }
  bool string(std::string& value) override {
    if (depth_ != 2 || field_ != "dtype") return true;
    if (value.size() > longest_name) return stop("is of a type whose name is too long");
    type_ = value;
    return true;
  }
  bool number_unsigned(std::uint64_t value) override {
    if (depth_ != 3) return true;
    if (field_ == "data_offsets" && places_ < 2) place_[places_++] = value;
    if (field_ != "shape") return true;
    if (shape_.size() == most_tensor_dimensions) return stop("has too many dimensions");
    shape_.push_back(value);
    return !__builtin_mul_overflow(elements_, value, &elements_) || stop("has an absurd shape");
  }
  bool start_object(std::size_t elements) override {
    if (depth_ == 1) {
      type_.clear();
      elements_ = 1;
      places_ = 0;
      shape_.clear();
    }
    return JsonEvents::start_object(elements);
  }
  bool end_object() override {
    if (depth_ == 2 && tensor_ != "__metadata__" && !add_tensor()) return false;
    return JsonEvents::end_object();
  }

 private:
  bool stop(std::string_view what) {
    problem = fmt::format("its tensor {} {}", tensor_, what);
    return false;
  }

  bool add_tensor() {
    if (type_.empty() || places_ != 2 || place_[0] > place_[1]) return stop("has no place");
    if (place_[1] > data_bytes_) {
      return stop(fmt::format("ends at byte {} of {}; it is truncated", place_[1], data_bytes_));
    }
    const std::uint64_t bytes = place_[1] - place_[0];
    const std::uint64_t element = bytes_of(type_);
    std::uint64_t wanted = 0;
    if (element > 0 && (__builtin_mul_overflow(elements_, element, &wanted) || wanted != bytes)) {
      return stop(
          fmt::format("has {} bytes for {} numbers of the type {}", bytes, elements_, type_));
    }
    if (header.tensors.size() == most_named_tensors) return stop("is one too many");
    const SafetensorsTensor tensor{type_, shape_, data_begin_ + place_[0], data_begin_ + place_[1]};
    if (!header.tensors.emplace(tensor_, tensor).second) return stop("is there twice");
    header.bytes += bytes;
    header.bytes_by_type[type_] += bytes;
    const bool of_groups = tensor_.ends_with(".scales") || tensor_.ends_with(".biases") ||
                           tensor_.ends_with(".qzeros") || tensor_.ends_with(".g_idx");
    if (of_groups) return true;
    (type_ == "U32" || type_ == "I32" ? header.packed_elements : header.elements) += elements_;
    return header.bytes_by_type.size() <= 64 || stop("is of one type too many");
  }

  std::uint64_t data_begin_;
  std::uint64_t data_bytes_;
  std::string tensor_;
  std::string field_;
  std::string type_;
  std::uint64_t elements_ = 1;
  std::uint64_t place_[2] = {0, 0};
  std::size_t places_ = 0;
  std::vector<std::uint64_t> shape_;
};

Error damaged_safetensors(const std::string& name, std::string_view what) {
  return damaged_as("a safetensors file", name, what);
}

}  // namespace

Result<SafetensorsHeader> read_safetensors(std::string_view bytes, const std::string& name) {
  std::uint64_t length = 0;
  if (bytes.size() < length_bytes) return damaged_safetensors(name, "it ends inside its header");
  std::memcpy(&length, bytes.data(), length_bytes);
  if (length > largest_header)
    return damaged_safetensors(name, fmt::format("a header of {} bytes", length));
  if (length > bytes.size() - length_bytes) {
    return damaged_safetensors(
        name, fmt::format("it is truncated inside its header of {} bytes", length));
  }
  const std::string_view text = bytes.substr(length_bytes, length);
  Scan scan(length_bytes + length, bytes.size() - length_bytes - length);
  if (nlohmann::json::sax_parse(text.begin(), text.end(), &scan)) return scan.header;
  return damaged_safetensors(name, scan.problem.empty() ? "its header is not JSON" : scan.problem);
}

}  // namespace tenfold
