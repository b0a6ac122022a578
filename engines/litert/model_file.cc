// Opening a model and reading what it says of itself.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <set>

#include "base/descriptor.h"
#include "base/files.h"
#include "formats/tflite_check.h"
#include "runtime.h"

namespace tenfold::litert {
namespace {

Error unreadable(Status status) {
  return library_error("read the model's graph", status, ErrorCode::bad_model);
}

/// The value a getter of the library gives.
template <typename T, typename... Parameters, typename... Arguments>
Result<T> get(Status (*function)(Parameters...), Arguments... arguments) {
  T value{};
  if (const Status status = function(arguments..., &value); status != ok_status) {
    return unreadable(status);
  }
  return value;
}

Result<Tensor> describe(const Api& api, TensorT* tensor, const char* name) {
  const auto type = TRY(get<RankedType>(api.GetRankedTensorType, tensor));
  Tensor described{name, static_cast<Element>(type.element), {}};
  const unsigned rank = type.rank;
  if (rank > 8) return fail(ErrorCode::bad_model, "the model's graph has a tensor of rank > 8");
  described.dimensions.assign(type.dimensions, type.dimensions + rank);
  return described;
}

/// Over a mapping, so that only what is looked at is read.
Result<void> check_content(int descriptor, const ModelRange& range) {
  const std::size_t size = range.offset + range.size;
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (memory == MAP_FAILED) return file_error(range.path, "map", errno);
  const std::string_view bytes(static_cast<const char*>(memory), size);
  auto checked = check_tflite(bytes.substr(range.offset), range.path);
  ::munmap(memory, size);
  return checked;
}

}  // namespace

Result<ModelFile> ModelFile::open(const ModelRange& range) {
  ModelFile file;
  file.api_ = TRY(load_api());
  const Api& api = *file.api_;
  file.environment_ = TRY(make_handle<EnvironmentT>(
      api.DestroyEnvironment,
      [&](EnvironmentT** made) { return api.CreateEnvironment(0, nullptr, made); }, "start"));
  // The library makes a descriptor of its own.
  const Descriptor opened(::open(range.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.get() < 0) return file_error(range.path, "open", errno);
  TRY(check_content(opened.get(), range));
  file.model_ = TRY(make_handle<ModelT>(
      api.DestroyModel,
      [&](ModelT** made) {
        return api.CreateModelFromFd(file.environment_.get(), opened.get(), range.offset,
                                     range.size, made);
      },
      fmt::format("open {}", range.path), ErrorCode::bad_model));
  return file;
}

Result<std::vector<Signature>> ModelFile::signatures() const {
  const Api& api = *api_;
  std::vector<Signature> signatures;
  const auto count = TRY(get<std::size_t>(api.GetNumModelSignatures, model_.get()));
  for (std::size_t i = 0; i < count; ++i) {
    auto* handle = TRY(get<SignatureT*>(api.GetModelSignature, model_.get(), i));
    Signature signature{TRY(get<const char*>(api.GetSignatureKey, handle)), i, {}, {}};
    const auto inputs = TRY(get<std::size_t>(api.GetNumSignatureInputs, handle));
    for (std::size_t at = 0; at < inputs; ++at) {
      signature.inputs.push_back(
          TRY(describe(api, TRY(get<TensorT*>(api.GetSignatureInputTensorByIndex, handle, at)),
                       TRY(get<const char*>(api.GetSignatureInputName, handle, at)))));
    }
    const auto outputs = TRY(get<std::size_t>(api.GetNumSignatureOutputs, handle));
    for (std::size_t at = 0; at < outputs; ++at) {
      signature.outputs.push_back(
          TRY(describe(api, TRY(get<TensorT*>(api.GetSignatureOutputTensorByIndex, handle, at)),
                       TRY(get<const char*>(api.GetSignatureOutputName, handle, at)))));
    }
    signatures.push_back(std::move(signature));
  }
  return signatures;
}

Result<std::uint64_t> ModelFile::parameters() const {
  const Api& api = *api_;
  std::uint64_t total = 0;
  std::set<const void*> seen;  // signatures share weights
  const auto subgraphs = TRY(get<std::size_t>(api.GetNumModelSubgraphs, model_.get()));
  for (std::size_t i = 0; i < subgraphs; ++i) {
    auto* subgraph = TRY(get<SubgraphT*>(api.GetModelSubgraph, model_.get(), i));
    const auto operations = TRY(get<std::size_t>(api.GetNumSubgraphOps, subgraph));
    for (std::size_t at = 0; at < operations; ++at) {
      auto* operation = TRY(get<OpT*>(api.GetSubgraphOp, subgraph, at));
      const auto inputs = TRY(get<std::size_t>(api.GetNumOpInputs, operation));
      for (std::size_t input = 0; input < inputs; ++input) {
        auto* tensor = TRY(get<TensorT*>(api.GetOpInput, operation, input));
        auto* weights = TRY(get<WeightsT*>(api.GetTensorWeights, tensor));
        const void* bytes = nullptr;
        std::size_t size = 0;
        if (const Status status = api.GetWeightsBytes(weights, &bytes, &size);
            status != ok_status) {
          return unreadable(status);
        }
        if (size == 0 || !seen.insert(bytes).second) continue;
        const Tensor described = TRY(describe(api, tensor, ""));
        const bool is_index =
            described.element == Element::int32 || described.element == Element::boolean;
        if (!is_index) total += static_cast<std::uint64_t>(described.elements());
      }
    }
  }
  return total;
}

}  // namespace tenfold::litert
