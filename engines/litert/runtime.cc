// Binding buffers, filling them, running.
#include "runtime.h"

#include <algorithm>

#include "locked.h"

namespace tenfold::litert {
namespace {

constexpr float masked = -1e9F;

/// One row a token: it sees everything up to its own position.
template <typename T>
void fill_mask(T* rows, int count, int context, int position, T seen, T hidden) {
  for (int i = 0; i < count; ++i, rows += context) {
    std::fill(rows, rows + position + i + 1, seen);
    std::fill(rows + position + i + 1, rows + context, hidden);
  }
}

}  // namespace

Result<Runtime> Runtime::create(CompiledModel model, const Graph& graph, Embedders embedders) {
  Runtime runtime(std::move(model), graph, std::move(embedders));
  TRY(runtime.make_states());
  TRY(runtime.bind(graph.decode));
  for (const Step& step : graph.prefills) TRY(runtime.bind(step));
  return runtime;
}

Result<void> Runtime::make_states() {
  states_.resize(graph_->states.size());
  const Step& decode = graph_->decode;
  for (std::size_t i = 0; i < decode.inputs.size(); ++i) {
    const Slot& slot = decode.inputs[i];
    if (slot.role != Role::state) continue;
    states_[slot.state] = TRY(model_.input(decode.signature, i, slot.tensor));
  }
  return {};
}

Result<void> Runtime::bind(const Step& step) {
  Bound bound;
  bound.step = &step;
  const auto add = [&](std::vector<TensorBufferT*>& list, const Slot& slot,
                       const auto& make) -> Result<void> {
    if (slot.role == Role::state) {
      list.push_back(states_[slot.state].get());
      return {};
    }
    bound.owned.push_back(TRY(make()));
    list.push_back(bound.owned.back().get());
    return {};
  };
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    const Slot& slot = step.inputs[i];
    TRY(add(bound.inputs, slot, [&] { return model_.input(step.signature, i, slot.tensor); }));
  }
  for (std::size_t i = 0; i < step.outputs.size(); ++i) {
    const Slot& slot = step.outputs[i];
    TRY(add(bound.outputs, slot, [&] { return model_.output(step.signature, i, slot.tensor); }));
  }
  bound_.push_back(std::move(bound));
  return {};
}

Runtime::Bound& Runtime::bound(const Step& step) {
  return *std::ranges::find(bound_, &step, &Bound::step);
}

Result<void> Runtime::fill(const Slot& slot, TensorBufferT* buffer, std::span<const TokenId> tokens,
                           int position, int length) {
  if (slot.role == Role::state) return {};
  const Locked memory = TRY(Locked::lock(model_.api(), buffer, lock_for_writing));
  const int count = static_cast<int>(slot.tensor.elements());
  if (slot.role == Role::tokens) {
    auto* ids = std::ranges::copy(tokens, memory.as<std::int32_t>()).out;
    std::fill(ids, memory.as<std::int32_t>() + count, 0);
  } else if (slot.role == Role::embeddings || slot.role == Role::per_layer) {
    auto& embedder = slot.role == Role::embeddings ? embedders_.embedder : embedders_.per_layer;
    return embedder->embed(tokens, static_cast<std::size_t>(length), memory.as<float>());
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
    TRY(fill(step.inputs[i], with.inputs[i], tokens, position, step.length));
  }
  return model_.run(step.signature, step.key, with.inputs, with.outputs);
}

Result<void> Runtime::append_logits(const Step& step, int first, int count,
                                    std::vector<float>& rows) {
  const auto slot = std::ranges::find(step.outputs, Role::logits, &Slot::role);
  TensorBufferT* buffer =
      bound(step).outputs[static_cast<std::size_t>(slot - step.outputs.begin())];
  const Locked memory = TRY(Locked::lock(model_.api(), buffer, lock_for_reading));
  const auto width = static_cast<std::ptrdiff_t>(graph_->vocabulary);
  const float* begin = memory.as<const float>() + first * width;
  rows.insert(rows.end(), begin, begin + count * width);
  return {};
}

}  // namespace tenfold::litert
