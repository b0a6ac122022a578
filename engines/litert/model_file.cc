// Opening a model and reading what it says of itself.
#include "model_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include "base/descriptor.h"
#include "base/files.h"
#include "formats/flatbuffer.h"
#include "formats/tflite_check.h"
#include "formats/tflite_weights.h"

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
  TRY(file.read_content(opened.get(), range));
  file.model_ = TRY(make_handle<ModelT>(
      api.DestroyModel,
      [&](ModelT** made) {
        EnvironmentT* environment = file.environment_.get();
        return file.bytes_ ? api.CreateModelFromBuffer(environment, file.bytes_->data(),
                                                       file.bytes_->size(), made)
                           : api.CreateModelFromFd(environment, opened.get(), range.offset,
                                                   range.size, made);
      },
      fmt::format("open {}", range.path), ErrorCode::bad_model));
  return file;
}

/// Over a mapping, so that only what is looked at is read.
Result<void> ModelFile::read_content(int descriptor, const ModelRange& range) {
  const std::size_t size = range.offset + range.size;
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (memory == MAP_FAILED) return file_error(range.path, "map", errno);
  auto read = read_content(
      std::string_view(static_cast<const char*>(memory), size).substr(range.offset), range);
  ::munmap(memory, size);
  return read;
}

Result<void> ModelFile::read_content(std::string_view bytes, const ModelRange& range) {
  TRY(check_tflite(bytes, range.path, range.weights_size));
  TfliteWeights weights;
  weights.add(*FlatTable::root(bytes));
  parameters_ = weights.parameters;
  if (range.weights_size == 0) return {};
  bytes_ = std::make_unique<const std::string>(
      TRY(with_weights_at(bytes, range.path, range.weights_offset, range.weights_size)));
  return {};
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

}  // namespace tenfold::litert
