#include "weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "formats/safetensors_folder.h"

namespace tenfold::mlx {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, Tensor::Type>, 5> types{
    {{"F32", Tensor::Type::f32},
     {"F16", Tensor::Type::f16},
     {"BF16", Tensor::Type::bf16},
     {"U32", Tensor::Type::u32},
     {"U8", Tensor::Type::u8}}};

// Models of several modalities hold a decoder among other things.
constexpr std::array<std::string_view, 4> prefixes{"model.", "language_model.model.",
                                                   "model.language_model.", ""};

bool is_float(Tensor::Type type) { return type != Tensor::Type::u32 && type != Tensor::Type::u8; }

Error wrong(const std::string& folder, const std::string& what) {
  return fail(ErrorCode::bad_model, fmt::format("the weights in {} {}", folder, what),
              "download the model again: its config.json and its weights do not belong together");
}

}  // namespace

std::size_t bytes_of(Tensor::Type type) {
  switch (type) {
    case Tensor::Type::f32:
    case Tensor::Type::u32:
      return 4;
    case Tensor::Type::f16:
    case Tensor::Type::bf16:
      return 2;
    case Tensor::Type::u8:
      break;
  }
  return 1;
}

Result<Weights> Weights::open(const fs::path& folder) {
  Weights weights;
  weights.folder_ = folder;
  for (const std::string& shard : TRY(shards_of(folder))) {
    const fs::path path = folder / shard;
    MappedFile file = TRY(MappedFile::open(path));
    SafetensorsHeader header = TRY(read_safetensors(file.bytes(), path));
    weights.bytes_ += header.bytes;
    for (auto& [name, tensor] : header.tensors) {
      const auto [at, is_new] =
          weights.tensors_.emplace(name, Place{weights.files_.size(), std::move(tensor)});
      if (!is_new) return wrong(weights.folder_, fmt::format("hold {} in two files", name));
    }
    weights.files_.push_back(std::move(file));
  }
  return weights;
}

Result<Tensor> Weights::take(const std::string& name, const std::vector<int>& shape) {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return wrong(folder_, fmt::format("lack {}", name));
  const SafetensorsTensor& stored = found->second.tensor;
  const auto same = [](std::uint64_t a, int b) { return std::cmp_equal(a, b); };
  if (!std::ranges::equal(stored.shape, shape, same)) {
    return wrong(folder_, fmt::format("have {} of the shape [{}], not [{}]", name,
                                      fmt::join(stored.shape, ", "), fmt::join(shape, ", ")));
  }
  const auto* type =
      std::ranges::find(types, stored.type, [](const auto& row) { return row.first; });
  if (type == types.end()) {
    return fail(ErrorCode::unsupported,
                fmt::format("the weights in {} have {} of the type {}, which is not computed",
                            folder_, name, stored.type),
                "take another form of the model");
  }
  used_.insert(name);
  const std::string_view bytes = files_[found->second.file].bytes();
  return Tensor{type->second, shape, bytes.substr(stored.begin, stored.end - stored.begin)};
}

Result<Tensor> Weights::numbers(const std::string& name, const std::vector<int>& shape) {
  Tensor tensor = TRY(take(name, shape));
  if (!is_float(tensor.type)) {
    return wrong(folder_, fmt::format("have {} as whole numbers", name));
  }
  parameters_ += tensor.bytes.size() / bytes_of(tensor.type);
  return tensor;
}

Result<Matrix> Weights::matrix(const std::string& name, int rows, int columns,
                               const DecoderSpec& spec) {
  Matrix matrix{rows, columns, {}, {}, {}, {}};
  const std::string scales = name + ".scales";
  if (!has(scales)) {
    matrix.weight = TRY(numbers(name + ".weight", {rows, columns}));
    return matrix;
  }
  matrix.form = spec.form_of(name);
  if (!matrix.form)
    return wrong(folder_, fmt::format("have {}, but config.json no quantization of it", scales));
  const PackedForm& form = *matrix.form;
  if (columns % form.group != 0) {
    return wrong(folder_,
                 fmt::format("have {} rows of {} in groups of {}", name, columns, form.group));
  }
  matrix.weight = TRY(take(name + ".weight", {rows, columns / 32 * form.bits}));
  if (matrix.weight.type != Tensor::Type::u32) {
    return wrong(folder_, fmt::format("have {} packed in other than 32-bit words", name));
  }
  parameters_ += static_cast<std::uint64_t>(rows) * static_cast<std::uint64_t>(columns);
  const std::vector<int> groups{rows, columns / form.group};
  matrix.scales = TRY(take(scales, groups));
  if (form.kind == PackedForm::Kind::mxfp4) {
    if (matrix.scales.type == Tensor::Type::u8) return matrix;
    return wrong(folder_, fmt::format("have {} in other than bytes", scales));
  }
  matrix.biases = TRY(take(name + ".biases", groups));
  if (!is_float(matrix.scales.type) || matrix.biases.type != matrix.scales.type) {
    return wrong(folder_,
                 fmt::format("have scales and biases of {} that are no floats of one type", name));
  }
  return matrix;
}

Result<std::string> Weights::prefix() const {
  for (const std::string_view prefix : prefixes) {
    if (has(fmt::format("{}embed_tokens.weight", prefix))) return std::string(prefix);
  }
  return wrong(folder_, "have no embed_tokens.weight");
}

Result<void> Weights::check_all_used(const std::string& prefix, const std::string& head) const {
  for (const auto& [name, place] : tensors_) {
    const bool is_part = name.starts_with(prefix) || name == head + ".bias";
    const bool is_matrix =
        name == head + ".weight" || name == head + ".scales" || name == head + ".biases";
    // Older converters stored the rotary periods.
    const bool is_periods = name.ends_with("rotary_emb.inv_freq");
    if (!is_part || is_matrix || is_periods || used_.contains(name)) continue;
    return wrong(folder_, fmt::format("have {}, which such a model has not", name));
  }
  return {};
}

}  // namespace tenfold::mlx
