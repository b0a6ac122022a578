// Linear attention, which keeps a state where other layers have a cache, as Qwen3.5 has it in three
// of four layers ("Gated Delta Networks", arXiv 2412.06464).
#include <executorch/runtime/core/exec_aten/util/tensor_util.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "kernels/instruction_set.h"
#include "llm_ops/framework_threads.h"
#include "llm_ops/operators.h"

namespace tenfold::executorch {
namespace {

using ::executorch::aten::ScalarType;
using ::executorch::aten::SizesType;

/// All numbers of a call lie as its tensors do: [batch, head, token, element].
struct Recurrence {
  std::size_t states = 0;  ///< batches times heads of keys
  std::size_t group = 0;   ///< heads of queries that look at one state
  std::size_t tokens = 0;
  std::size_t key_width = 0;
  std::size_t value_width = 0;
  bool decay_by_channel = false;  ///< a number for each element of a key, not one for all
  const float* queries = nullptr;
  const float* keys = nullptr;
  const float* values = nullptr;
  const float* decays = nullptr;
  const float* betas = nullptr;
  float* state = nullptr;  ///< [batch, head, element of a key, element of a value]
  float* out = nullptr;
};

/// The tokens of one state, one after the other. `change` has room for a value.
void recur(const Recurrence& r, std::size_t index, float* change) {
  const kernels::InstructionSet& use = kernels::fastest();
  float* state = r.state + index * r.key_width * r.value_width;
  for (std::size_t token = 0; token < r.tokens; ++token) {
    const std::size_t at = index * r.tokens + token;
    const float* key = r.keys + at * r.key_width;
    const float* value = r.values + at * r.value_width;
    for (std::size_t k = 0; k < r.key_width; ++k) {
      const float decay = r.decays[r.decay_by_channel ? at * r.key_width + k : at];
      float* row = state + k * r.value_width;
      for (std::size_t v = 0; v < r.value_width; ++v) row[v] *= decay;
    }
    use.multiply({key, r.key_width}, {state, r.value_width}, change, r.value_width, 1, r.key_width,
                 r.value_width, false);
    for (std::size_t v = 0; v < r.value_width; ++v)
      change[v] = (value[v] - change[v]) * r.betas[at];
    use.multiply({key, 1}, {change, r.value_width}, state, r.value_width, r.key_width, 1,
                 r.value_width, true);
    for (std::size_t head = index * r.group; head < (index + 1) * r.group; ++head) {
      const std::size_t row = head * r.tokens + token;
      use.multiply({r.queries + row * r.key_width, r.key_width}, {state, r.value_width},
                   r.out + row * r.value_width, r.value_width, 1, r.key_width, r.value_width,
                   false);
    }
  }
}

void recur_all(const Recurrence& r) {
  kernels::Threads& threads = framework_threads();
  std::vector<float> changes(threads.size() * r.value_width);
  threads.run(r.states, [&](std::size_t index, std::size_t worker) {
    recur(r, index, changes.data() + worker * r.value_width);
  });
}

/// Both outputs take their shapes. Before anything else is looked at: in a damaged program one may
/// be an input as well.
Result<void> shape_outputs(const Arguments& arguments) {
  const Tensor* query = TRY(arguments.tensor(0, "query"));
  const Tensor* value = TRY(arguments.tensor(2, "value"));
  const Tensor* initial = TRY(arguments.tensor(5, "initial_state"));
  if (query->dim() != 4) return wrong("query", "does not have 4 dimensions");
  if (value->dim() != 4) return wrong("value", "does not have 4 dimensions");
  const std::array<SizesType, 4> sizes{
      static_cast<SizesType>(query->size(0)), static_cast<SizesType>(query->size(1)),
      static_cast<SizesType>(query->size(2)), static_cast<SizesType>(value->size(3))};
  if (::executorch::runtime::resize_tensor(*TRY(arguments.tensor(6, "out")),
                                           {sizes.data(), sizes.size()}) !=
      ::executorch::runtime::Error::Ok) {
    return wrong("out", "cannot take the shape of queries and values");
  }
  if (::executorch::runtime::resize_tensor(*TRY(arguments.tensor(7, "final_state_out")),
                                           initial->sizes()) != ::executorch::runtime::Error::Ok) {
    return wrong("final_state_out", "cannot take the shape of initial_state");
  }
  return {};
}

Result<const float*> read_floats(const Arguments& arguments, std::size_t place, const char* name,
                                 std::int64_t count) {
  return static_cast<const float*>(TRY(arguments.numbers(place, name, ScalarType::Float, count)));
}

Result<float*> written_floats(const Arguments& arguments, std::size_t place, const char* name,
                              std::int64_t count) {
  TRY(arguments.numbers(place, name, ScalarType::Float, count));
  return static_cast<float*>(TRY(arguments.tensor(place, name))->mutable_data_ptr());
}

}  // namespace

Result<void> gated_delta_rule(const Arguments& arguments) {
  TRY(arguments.at_least(8));
  TRY(shape_outputs(arguments));
  const Block query = TRY(arguments.block(0, "query"));
  const Block key = TRY(arguments.block(1, "key"));
  const auto& [batches, heads, tokens, width] = query.sizes;
  if (key.sizes[0] != batches || key.sizes[2] != tokens || key.sizes[3] != width) {
    return wrong("key", "has another batch, number of tokens or head size than the queries");
  }
  if (heads % key.sizes[1] != 0) {
    return wrong("query",
                 fmt::format("has {} heads, no multiple of the keys' {}", heads, key.sizes[1]));
  }
  const Block value = TRY(arguments.block(2, "value"));
  if (!std::equal(key.sizes, key.sizes + 3, value.sizes)) {
    return wrong("value", "has another batch, number of heads or of tokens than the keys");
  }
  const std::int64_t states = batches * key.sizes[1];
  const Tensor* decay = TRY(arguments.tensor(3, "decay"));
  Recurrence r;
  r.states = static_cast<std::size_t>(states);
  r.group = static_cast<std::size_t>(heads / key.sizes[1]);
  r.tokens = static_cast<std::size_t>(tokens);
  r.key_width = static_cast<std::size_t>(width);
  r.value_width = static_cast<std::size_t>(value.sizes[3]);
  r.decay_by_channel = decay->dim() == 4;
  r.queries = TRY(read_floats(arguments, 0, "query", batches * heads * tokens * width));
  r.keys = TRY(read_floats(arguments, 1, "key", states * tokens * width));
  r.values = TRY(read_floats(arguments, 2, "value", states * tokens * value.sizes[3]));
  r.decays =
      TRY(read_floats(arguments, 3, "decay", states * tokens * (r.decay_by_channel ? width : 1)));
  r.betas = TRY(read_floats(arguments, 4, "beta", states * tokens));
  const std::int64_t numbers = states * width * value.sizes[3];
  const float* initial = TRY(read_floats(arguments, 5, "initial_state", numbers));
  r.out = TRY(written_floats(arguments, 6, "out", batches * heads * tokens * value.sizes[3]));
  r.state = TRY(written_floats(arguments, 7, "final_state_out", numbers));
  std::memmove(r.state, initial, static_cast<std::size_t>(numbers) * sizeof(float));
  recur_all(r);
  return {};
}

}  // namespace tenfold::executorch
