// Compiling with XNNPACK; buffers as the compiled model wants them.
#include "compiled_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "locked.h"

namespace tenfold::litert {

Result<CompiledModel> CompiledModel::compile(ModelFile file, const Settings& settings) {
  CompiledModel model(std::move(file));
  TRY(model.compile(settings));
  return model;
}

Result<void> CompiledModel::compile(const Settings& settings) {
  options_ = TRY(make_handle<OptionsT>(
      api().DestroyOptions, [&](OptionsT** made) { return api().CreateOptions(made); },
      "make options"));
  std::string text = fmt::format("num_threads = {}\n", settings.threads);
  if (!settings.weight_cache.empty()) {
    text += fmt::format("weight_cache_file_path = \"{}\"\n", settings.weight_cache);
  }
  OpaqueOptionsT* xnnpack = nullptr;
  Status status = api().SetOptionsHardwareAccelerators(options_.get(), cpu_accelerator);
  if (status == ok_status) {
    status = api().CreateOpaqueOptions("xnnpack", ::strdup(text.c_str()), std::free, &xnnpack);
  }
  if (status == ok_status) status = api().AddOpaqueOptions(options_.get(), xnnpack);
  if (status != ok_status) return library_error("set options", status, ErrorCode::internal);
  compiled_ = TRY(make_handle<CompiledModelT>(
      api().DestroyCompiledModel,
      [&](CompiledModelT** made) {
        return api().CreateCompiledModel(file_.environment_.get(), file_.model_.get(),
                                         options_.get(), made);
      },
      "prepare the model", ErrorCode::unsupported));
  return {};
}

Result<Buffer> CompiledModel::make_buffer(const Tensor& tensor, RequirementsT* requirements) const {
  RankedType type{};
  type.element = static_cast<std::int32_t>(tensor.element);
  type.rank = static_cast<unsigned>(tensor.dimensions.size()) & 0x7f;
  std::ranges::copy(tensor.dimensions, type.dimensions);
  auto buffer = TRY(make_handle<TensorBufferT>(
      api().DestroyTensorBuffer,
      [&](TensorBufferT** made) {
        return api().CreateManagedTensorBufferFromRequirements(file_.environment_.get(), &type,
                                                               requirements, made);
      },
      fmt::format("allocate tensor {}", tensor.name), ErrorCode::out_of_memory));
  std::size_t size = 0;
  if (const Status status = api().GetTensorBufferPackedSize(buffer.get(), &size);
      status != ok_status) {
    return library_error("measure a tensor", status, ErrorCode::internal);
  }
  const Locked memory = TRY(Locked::lock(api(), buffer.get(), lock_for_writing));
  std::memset(memory.as<void>(), 0, size);
  return buffer;
}

Result<Buffer> CompiledModel::input(std::size_t signature, std::size_t index,
                                    const Tensor& tensor) const {
  RequirementsT* requirements = nullptr;
  const Status status = api().GetCompiledModelInputBufferRequirements(compiled_.get(), signature,
                                                                      index, &requirements);
  if (status == ok_status) return make_buffer(tensor, requirements);
  return library_error("say what an input needs", status, ErrorCode::internal);
}

Result<Buffer> CompiledModel::output(std::size_t signature, std::size_t index,
                                     const Tensor& tensor) const {
  RequirementsT* requirements = nullptr;
  const Status status = api().GetCompiledModelOutputBufferRequirements(compiled_.get(), signature,
                                                                       index, &requirements);
  if (status == ok_status) return make_buffer(tensor, requirements);
  return library_error("say what an output needs", status, ErrorCode::internal);
}

Result<void> CompiledModel::run(std::size_t signature, const std::string& key,
                                std::span<TensorBufferT*> inputs,
                                std::span<TensorBufferT*> outputs) {
  const Status status = api().RunCompiledModel(compiled_.get(), signature, inputs.size(),
                                               inputs.data(), outputs.size(), outputs.data());
  if (status == ok_status) return {};
  return library_error(fmt::format("run signature {}", key), status, ErrorCode::internal);
}

}  // namespace tenfold::litert
