// Model → subgraphs (2) with tensors (0), signatures (7) with inputs (0), outputs (1), key (2) and
// subgraph (4); see tflite_check.h.
#include "formats/tflite_signatures.h"

#include <algorithm>

namespace tenfold {
namespace {

constexpr std::uint32_t most_dimensions = 8;
constexpr std::uint32_t most_signatures = 1000;
/// Each input is compared with all outputs; a model of 100 layers has 40,000 pairs a signature.
constexpr std::uint64_t most_pairs = 10'000'000;
/// Of all signatures, which may share one list; a model of 100 layers has 400 a signature.
constexpr std::uint64_t most_listed = 100'000;

Result<void> check_count(const FlatTable& model, std::uint32_t signatures,
                         const std::string& name) {
  std::uint64_t tensors = 0;
  std::uint64_t pairs = 0;
  for (std::uint32_t i = 0; i < signatures; ++i) {
    const auto table = model.entry(7, i);
    tensors += std::uint64_t{table->size(0)} + table->size(1);
    pairs += std::uint64_t{table->size(0)} * table->size(1);
  }
  if (tensors <= most_listed && pairs <= most_pairs) return {};
  return fail(ErrorCode::unsupported, name + " has signatures with too many tensors",
              "choose a language model exported with litert-torch");
}

std::vector<litert::Tensor> tensors_of(const FlatTable& model, const FlatTable& signature,
                                       int field) {
  std::vector<litert::Tensor> tensors;
  for (std::uint32_t i = 0; i < std::min(signature.size(field), most_signature_tensors); ++i) {
    const auto entry = signature.entry(field, i);
    const auto name = entry ? entry->string(0) : std::nullopt;
    const auto tensor = entry ? signature_tensor(model, signature, *entry) : std::nullopt;
    if (!name || !tensor) continue;
    litert::Tensor described{
        std::string(*name), tflite_element(tensor->number<std::uint8_t>(1).value_or(0)), {}};
    for (const std::int64_t size : tflite_dimensions(*tensor)) {
      described.dimensions.push_back(static_cast<std::int32_t>(size));
    }
    tensors.push_back(std::move(described));
  }
  return tensors;
}

}  // namespace

std::optional<FlatTable> signature_tensor(const FlatTable& model, const FlatTable& signature,
                                          const FlatTable& entry) {
  const auto subgraph = model.entry(2, signature.number<std::uint32_t>(4).value_or(0));
  return subgraph ? subgraph->entry(0, entry.number<std::uint32_t>(1).value_or(0)) : std::nullopt;
}

litert::Element tflite_element(std::uint8_t type) {
  constexpr std::int32_t others = 1000;
  switch (type) {
    case 0:
      return litert::Element::float32;
    case 1:
      return litert::Element::float16;
    case 2:
      return litert::Element::int32;
    case 6:
      return litert::Element::boolean;
    default:
      return static_cast<litert::Element>(others + type);
  }
}

std::vector<std::int64_t> tflite_dimensions(const FlatTable& tensor) {
  std::vector<std::int64_t> dimensions;
  const std::uint32_t count = std::min(tensor.size(0), most_dimensions);
  for (std::uint32_t i = 0; i < count; ++i) {
    dimensions.push_back(std::max(0, tensor.element<std::int32_t>(0, i).value_or(0)));
  }
  return dimensions;
}

std::uint64_t tflite_elements(const FlatTable& tensor) {
  std::uint64_t product = 1;
  for (const std::int64_t size : tflite_dimensions(tensor)) {
    if (__builtin_mul_overflow(product, static_cast<std::uint64_t>(size), &product)) return 0;
  }
  return product;
}

Result<std::vector<litert::Signature>> tflite_signatures(const FlatTable& model,
                                                         const std::string& name) {
  const std::uint32_t count = std::min(model.size(7), most_signatures);
  TRY(check_count(model, count, name));
  std::vector<litert::Signature> signatures;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto table = model.entry(7, i);
    signatures.push_back({std::string(*table->string(2)), i, tensors_of(model, *table, 0),
                          tensors_of(model, *table, 1)});
  }
  return signatures;
}

}  // namespace tenfold
