#include "weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tvm/ffi/dtype.h>

#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "formats/bounded_json.h"
#include "formats/mlc_weights.h"

namespace tenfold::mlc {
namespace {

namespace fs = std::filesystem;

std::uint64_t aligned(std::uint64_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment;
}

bool fits(const MlcTensor& tensor, const Parameter& wanted) {
  if (tensor.type != wanted.type || tensor.shape.size() != wanted.shape.size()) return false;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    if (wanted.shape[i] != 0 && wanted.shape[i] != tensor.shape[i]) return false;
  }
  return true;
}

std::string form(const std::string& type, const std::vector<std::int64_t>& shape) {
  return fmt::format("{} [{}]", type, fmt::join(shape, ", "));
}

Error other_model(const std::string& what) {
  return fail(ErrorCode::bad_model, what,
              "use a library made for this model: `tenfold compile FOLDER`");
}

}  // namespace

Result<Weights> Weights::open(const fs::path& folder, const Metadata& metadata) {
  const fs::path list = mlc_weights_file(folder);
  const MlcWeights found = TRY(read_mlc_weights(TRY(read_json_object(list)), list));
  Weights weights;
  for (const MlcShard& shard : found.shards) {
    const std::string path = folder / shard.name;
    weights.files_.push_back(TRY(MappedFile::open(path)));
    if (weights.files_.back().bytes().size() < shard.bytes) {
      return fail(ErrorCode::bad_model,
                  fmt::format("{} is truncated: it has {} of {} bytes", path,
                              weights.files_.back().bytes().size(), shard.bytes),
                  "download the model again");
    }
  }
  std::map<std::string_view, const MlcTensor*> by_name;
  for (const MlcTensor& tensor : found.tensors) by_name[tensor.name] = &tensor;
  for (const Parameter& wanted : metadata.parameters) {
    const auto named = by_name.extract(wanted.name);
    if (named.empty()) {
      return other_model(fmt::format("the library wants a tensor {}, which {} has not", wanted.name,
                                     list.string()));
    }
    const MlcTensor& tensor = *named.mapped();
    if (!fits(tensor, wanted)) {
      return other_model(fmt::format("{} is {} in {}, but the library wants {}", wanted.name,
                                     form(tensor.type, tensor.shape), list.string(),
                                     form(wanted.type, wanted.shape)));
    }
    Part part;
    part.shape = tensor.shape;
    part.type = ffi::StringToDLDataType(tensor.type);
    part.bytes = weights.files_[tensor.shard].bytes().substr(tensor.offset, tensor.bytes);
    part.is_cut_to_bf16 = tensor.is_cut_to_bf16;
    part.is_copied =
        part.is_cut_to_bf16 || reinterpret_cast<std::uintptr_t>(part.bytes.data()) % alignment != 0;
    const std::uint64_t size = tensor.bytes * (part.is_cut_to_bf16 ? 2 : 1);
    weights.bytes_ += size;
    if (part.is_copied) {
      part.place = weights.own_bytes_;
      weights.own_bytes_ += aligned(size);
    }
    weights.parts_.push_back(std::move(part));
  }
  if (!by_name.empty()) {
    return other_model(fmt::format("{} has a tensor {}, which the library does not know",
                                   list.string(), by_name.begin()->first));
  }
  return weights;
}

Result<void> Weights::reserve() {
  if (own_bytes_ == 0) return {};
  copies_ = map_memory(own_bytes_);
  if (copies_) return {};
  return fail(ErrorCode::out_of_memory,
              fmt::format("there is no memory for {} MiB of weights", own_bytes_ >> 20),
              "use a smaller model");
}

ffi::Tensor Weights::tensor(const Part& part) {
  const ffi::ShapeView shape(part.shape.data(), part.shape.size());
  if (!part.is_copied) return view_of(part.bytes.data(), shape, part.type);
  std::byte* const own = copies_.get() + part.place;
  if (part.is_cut_to_bf16) {
    for (std::size_t i = 0; i < part.bytes.size() / 2; ++i) {
      std::uint16_t upper = 0;
      std::memcpy(&upper, part.bytes.data() + 2 * i, sizeof upper);
      const std::uint32_t number = std::uint32_t{upper} << 16;
      std::memcpy(own + 4 * i, &number, sizeof number);
    }
  } else {
    std::memcpy(own, part.bytes.data(), part.bytes.size());
  }
  MappedFile::let_go(part.bytes);
  return view_of(own, shape, part.type);
}

}  // namespace tenfold::mlc
