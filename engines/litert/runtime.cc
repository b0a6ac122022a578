// Compiling with XNNPACK, binding buffers, running.
#include "runtime.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace tenfold::litert {
namespace {

constexpr float masked = -1e9F;

/// A buffer's memory for as long as it is locked.
class Locked {
 public:
  static Result<Locked> lock(const Api& api, TensorBufferT* buffer, int mode) {
    void* memory = nullptr;
    if (const Status status = api.LockTensorBuffer(buffer, &memory, mode); status != ok_status) {
      return library_error("reach a tensor's memory", status, ErrorCode::internal);
    }
    return Locked(api, buffer, memory);
  }
  Locked(Locked&& other) noexcept
      : api_(other.api_), buffer_(std::exchange(other.buffer_, nullptr)), memory_(other.memory_) {}
  Locked& operator=(Locked&&) = delete;
  ~Locked() {
    if (buffer_ != nullptr) api_.UnlockTensorBuffer(buffer_);
  }

  template <typename T>
  [[nodiscard]] T* as() const {
    return static_cast<T*>(memory_);
  }

 private:
  Locked(const Api& api, TensorBufferT* buffer, void* memory)
      : api_(api), buffer_(buffer), memory_(memory) {}
  const Api& api_;
  TensorBufferT* buffer_;
  void* memory_;
};

/// One row a token: it sees everything up to its own position.
template <typename T>
void fill_mask(T* rows, int count, int context, int position, T seen, T hidden) {
  for (int i = 0; i < count; ++i, rows += context) {
    std::fill(rows, rows + position + i + 1, seen);
    std::fill(rows + position + i + 1, rows + context, hidden);
  }
}

}  // namespace

Result<Runtime> Runtime::create(ModelFile file, const Graph& graph, const Settings& settings) {
  Runtime runtime(std::move(file), graph);
  TRY(runtime.compile(settings));
  TRY(runtime.make_states());
  TRY(runtime.bind(graph.decode));
  for (const Step& step : graph.prefills) TRY(runtime.bind(step));
  return runtime;
}

Result<void> Runtime::compile(const Settings& settings) {
  const Api& api = *file_.api_;
  options_ = TRY(make_handle<OptionsT>(
      api.DestroyOptions, [&](OptionsT** made) { return api.CreateOptions(made); },
      "make options"));
  std::string text = fmt::format("num_threads = {}\n", settings.threads);
  if (!settings.weight_cache.empty()) {
    text += fmt::format("weight_cache_file_path = \"{}\"\n", settings.weight_cache);
  }
  OpaqueOptionsT* xnnpack = nullptr;
  Status status = api.SetOptionsHardwareAccelerators(options_.get(), cpu_accelerator);
  if (status == ok_status) {
    status = api.CreateOpaqueOptions("xnnpack", ::strdup(text.c_str()), std::free, &xnnpack);
  }
  if (status == ok_status) status = api.AddOpaqueOptions(options_.get(), xnnpack);
  if (status != ok_status) return library_error("set options", status, ErrorCode::internal);
  compiled_ = TRY(make_handle<CompiledModelT>(
      api.DestroyCompiledModel,
      [&](CompiledModelT** made) {
        return api.CreateCompiledModel(file_.environment_.get(), file_.model_.get(), options_.get(),
                                       made);
      },
      "prepare the model", ErrorCode::unsupported));
  return {};
}

Result<Handle<TensorBufferT>> Runtime::make_buffer(const Tensor& tensor,
                                                   RequirementsT* requirements) const {
  const Api& api = *file_.api_;
  RankedType type{};
  type.element = static_cast<std::int32_t>(tensor.element);
  type.rank = static_cast<unsigned>(tensor.dimensions.size()) & 0x7f;
  std::ranges::copy(tensor.dimensions, type.dimensions);
  auto buffer = TRY(make_handle<TensorBufferT>(
      api.DestroyTensorBuffer,
      [&](TensorBufferT** made) {
        return api.CreateManagedTensorBufferFromRequirements(file_.environment_.get(), &type,
                                                             requirements, made);
      },
      fmt::format("allocate tensor {}", tensor.name), ErrorCode::out_of_memory));
  std::size_t size = 0;
  if (const Status status = api.GetTensorBufferPackedSize(buffer.get(), &size);
      status != ok_status) {
    return library_error("measure a tensor", status, ErrorCode::internal);
  }
  const Locked memory = TRY(Locked::lock(api, buffer.get(), lock_for_writing));
  std::memset(memory.as<void>(), 0, size);
  return buffer;
}

Result<RequirementsT*> Runtime::input_requirements(const Step& step, std::size_t index) const {
  RequirementsT* requirements = nullptr;
  const Status status = file_.api_->GetCompiledModelInputBufferRequirements(
      compiled_.get(), step.signature, index, &requirements);
  if (status == ok_status) return requirements;
  return library_error("say what an input needs", status, ErrorCode::internal);
}

Result<RequirementsT*> Runtime::output_requirements(const Step& step, std::size_t index) const {
  RequirementsT* requirements = nullptr;
  const Status status = file_.api_->GetCompiledModelOutputBufferRequirements(
      compiled_.get(), step.signature, index, &requirements);
  if (status == ok_status) return requirements;
  return library_error("say what an output needs", status, ErrorCode::internal);
}

Result<void> Runtime::make_states() {
  states_.resize(graph_->states.size());
  const Step& decode = graph_->decode;
  for (std::size_t i = 0; i < decode.inputs.size(); ++i) {
    const Slot& slot = decode.inputs[i];
    if (slot.role != Role::state) continue;
    states_[slot.state] = TRY(make_buffer(slot.tensor, TRY(input_requirements(decode, i))));
  }
  return {};
}

Result<void> Runtime::bind(const Step& step) {
  Bound bound;
  bound.step = &step;
  const auto add = [&](const Slot& slot, RequirementsT* requirements,
                       std::vector<TensorBufferT*>& list) -> Result<void> {
    if (slot.role == Role::state) {
      list.push_back(states_[slot.state].get());
      return {};
    }
    bound.owned.push_back(TRY(make_buffer(slot.tensor, requirements)));
    list.push_back(bound.owned.back().get());
    return {};
  };
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    TRY(add(step.inputs[i], TRY(input_requirements(step, i)), bound.inputs));
  }
  for (std::size_t i = 0; i < step.outputs.size(); ++i) {
    TRY(add(step.outputs[i], TRY(output_requirements(step, i)), bound.outputs));
  }
  bound_.push_back(std::move(bound));
  return {};
}

Runtime::Bound& Runtime::bound(const Step& step) {
  return *std::ranges::find(bound_, &step, &Bound::step);
}

Result<void> Runtime::fill(const Slot& slot, TensorBufferT* buffer, std::span<const TokenId> tokens,
                           int position) const {
  if (slot.role == Role::state) return {};
  const Locked memory = TRY(Locked::lock(*file_.api_, buffer, lock_for_writing));
  const int count = static_cast<int>(slot.tensor.elements());
  if (slot.role == Role::tokens) {
    auto* ids = std::ranges::copy(tokens, memory.as<std::int32_t>()).out;
    std::fill(ids, memory.as<std::int32_t>() + count, 0);
  } else if (slot.role == Role::positions) {
    for (int i = 0; i < count; ++i) memory.as<std::int32_t>()[i] = position + i;
  } else if (slot.tensor.element == Element::boolean) {
    fill_mask(memory.as<bool>(), count / graph_->context, graph_->context, position, true, false);
  } else {
    fill_mask(memory.as<float>(), count / graph_->context, graph_->context, position, 0.0F, masked);
  }
  return {};
}

Result<void> Runtime::run(const Step& step, std::span<const TokenId> tokens, int position) {
  Bound& with = bound(step);
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    TRY(fill(step.inputs[i], with.inputs[i], tokens, position));
  }
  const Status status =
      file_.api_->RunCompiledModel(compiled_.get(), step.signature, with.inputs.size(),
                                   with.inputs.data(), with.outputs.size(), with.outputs.data());
  if (status == ok_status) return {};
  return library_error(fmt::format("run signature {}", step.key), status, ErrorCode::internal);
}

Result<void> Runtime::append_logits(const Step& step, int first, int count,
                                    std::vector<float>& rows) {
  const auto slot = std::ranges::find(step.outputs, Role::logits, &Slot::role);
  TensorBufferT* buffer =
      bound(step).outputs[static_cast<std::size_t>(slot - step.outputs.begin())];
  const Locked memory = TRY(Locked::lock(*file_.api_, buffer, lock_for_reading));
  const auto width = static_cast<std::ptrdiff_t>(graph_->vocabulary);
  const float* begin = memory.as<const float>() + first * width;
  rows.insert(rows.end(), begin, begin + count * width);
  return {};
}

}  // namespace tenfold::litert
