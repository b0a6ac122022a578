#include "embedder.h"

#include <algorithm>

#include "locked.h"

namespace tenfold::litert {

Result<Embedder> Embedder::create(ModelFile file, EmbedderGraph graph) {
  Embedder embedder(TRY(CompiledModel::compile(std::move(file), {})), std::move(graph));
  TRY(embedder.bind());
  return embedder;
}

Result<void> Embedder::bind() {
  for (const Lookup& lookup : graph_.lookups) {
    Buffer input = TRY(model_.input(lookup.signature, 0, lookup.input));
    Buffer output = TRY(model_.output(lookup.signature, 0, lookup.output));
    bound_.push_back({std::move(input), std::move(output)});
  }
  padding_.resize(graph_.width);
  const TokenId token = 0;
  return look_up(0, {&token, 1}, padding_.data());
}

Result<void> Embedder::look_up(std::size_t index, std::span<const TokenId> tokens, float* rows) {
  const Lookup& lookup = graph_.lookups[index];
  TensorBufferT* input = bound_[index].input.get();
  TensorBufferT* output = bound_[index].output.get();
  {
    const Locked memory = TRY(Locked::lock(model_.api(), input, lock_for_writing));
    auto* ids = std::ranges::copy(tokens, memory.as<std::int32_t>()).out;
    std::fill(ids, memory.as<std::int32_t>() + lookup.length, 0);
  }
  TRY(model_.run(lookup.signature, lookup.key, {&input, 1}, {&output, 1}));
  const Locked memory = TRY(Locked::lock(model_.api(), output, lock_for_reading));
  std::copy_n(memory.as<const float>(), tokens.size() * padding_.size(), rows);
  return {};
}

Result<void> Embedder::embed(std::span<const TokenId> tokens, std::size_t count, float* rows) {
  const std::size_t width = graph_.width;
  count -= tokens.size();
  while (!tokens.empty()) {
    // The shortest lookup that takes them all, else the longest.
    std::size_t index = 0;
    while (index + 1 < graph_.lookups.size() &&
           static_cast<std::size_t>(graph_.lookups[index].length) < tokens.size()) {
      ++index;
    }
    const auto length = static_cast<std::size_t>(graph_.lookups[index].length);
    const auto part = tokens.first(std::min(tokens.size(), length));
    TRY(look_up(index, part, rows));
    tokens = tokens.subspan(part.size());
    rows += part.size() * width;
  }
  for (; count > 0; --count) rows = std::ranges::copy(padding_, rows).out;
  return {};
}

}  // namespace tenfold::litert
