// Names to roles, roles to steps.
#include "formats/litert_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace tenfold::litert {
namespace {

/// Reads one signature; collects the cache tensors in the order they appear.
class StepReader {
 public:
  StepReader(const Signature& signature, const std::string& name)
      : signature_(signature), name_(name) {}

  Result<Step> read() {
    step_.key = signature_.key;
    step_.signature = signature_.index;
    for (const Tensor& tensor : signature_.inputs) step_.inputs.push_back(TRY(input(tensor)));
    for (const Tensor& tensor : signature_.outputs) step_.outputs.push_back(output(tensor));
    TRY(check());
    return std::move(step_);
  }

  std::vector<Tensor> states;
  int context = 0;
  int vocabulary = 0;

 private:
  [[nodiscard]] Error bad(const Tensor& tensor, std::string_view problem) const {
    return fail(
        ErrorCode::unsupported,
        fmt::format("{}: {} of signature {} {}", name_, tensor.name, signature_.key, problem),
        "export the model with litert-torch (tools/export/litert_from_hf.py)");
  }

  Result<Slot> input(const Tensor& tensor) {
    const bool is_state = std::ranges::any_of(
        signature_.outputs, [&](const Tensor& output) { return output == tensor; });
    const bool is_position = tensor.name == "input_pos" || tensor.name == "positions";
    if (tensor.elements() <= 0 || (tensor.dimensions.empty() && (is_state || !is_position))) {
      return bad(tensor, "has no fixed shape");
    }
    if (is_state) {
      states.push_back(tensor);
      return Slot{Role::state, states.size() - 1, tensor};
    }
    if (tensor.name == "tokens" || tensor.name == "token_ids") {
      if (tensor.element != Element::int32) return bad(tensor, "is not of type int32");
      TRY(set_length(tensor, tensor.elements()));
      return Slot{Role::tokens, 0, tensor};
    }
    if (tensor.name == "embeddings") {
      step_.embedding_row = TRY(row_shape(tensor));
      return Slot{Role::embeddings, 0, tensor};
    }
    if (tensor.name == "per_layer_embeddings") {
      step_.per_layer_row = TRY(row_shape(tensor));
      return Slot{Role::per_layer, 0, tensor};
    }
    if (is_position) {
      if (tensor.element != Element::int32) return bad(tensor, "is not of type int32");
      return Slot{Role::positions, 0, tensor};
    }
    if (tensor.name == "mask" || tensor.name == "attn_mask") {
      if (tensor.element != Element::float32 && tensor.element != Element::boolean) {
        return bad(tensor, "is neither float32 nor boolean");
      }
      context = tensor.dimensions.back();
      return Slot{Role::mask, 0, tensor};
    }
    return bad(tensor, "is an input of a kind that is not known");
  }

  Slot output(const Tensor& tensor) {
    const auto state = std::ranges::find(states, tensor);
    if (state != states.end()) {
      return {Role::state, static_cast<std::size_t>(state - states.begin()), tensor};
    }
    return {tensor.name == "logits" ? Role::logits : Role::unused, 0, tensor};
  }

  Result<void> set_length(const Tensor& tensor, std::int64_t tokens) {
    if (tokens > (1 << 20)) return bad(tensor, "is too large");
    if (step_.length != 0 && step_.length != tokens) {
      return bad(tensor,
                 fmt::format("is for {} tokens, another input for {}", tokens, step_.length));
    }
    step_.length = static_cast<int>(tokens);
    return {};
  }

  /// What of 1 × tokens × width, or × layers × width, belongs to a token.
  Result<std::vector<std::int32_t>> row_shape(const Tensor& tensor) {
    if (tensor.element != Element::float32) return bad(tensor, "is not of type float32");
    if (tensor.dimensions.size() < 3 || tensor.dimensions[0] != 1) {
      return bad(tensor, "has not one row for each token");
    }
    TRY(set_length(tensor, tensor.dimensions[1]));
    return std::vector(tensor.dimensions.begin() + 2, tensor.dimensions.end());
  }

  Result<void> check() {
    if (step_.length == 0) {
      return fail(ErrorCode::unsupported,
                  fmt::format("{}: signature {} takes no tokens", name_, signature_.key),
                  "choose a language model exported with litert-torch");
    }
    if (context == 0) context = context_of_states();
    for (const Slot& slot : step_.inputs) {
      const std::int64_t wanted = slot.role == Role::mask ? std::int64_t{step_.length} * context
                                                          : std::int64_t{step_.length};
      const bool counted = slot.role == Role::positions || slot.role == Role::mask;
      if (counted && slot.tensor.elements() != wanted) {
        return bad(slot.tensor, fmt::format("has {} elements where {} were expected",
                                            slot.tensor.elements(), wanted));
      }
    }
    for (const Slot& slot : step_.outputs) {
      if (slot.role == Role::logits) TRY(read_logits(slot.tensor));
    }
    return {};
  }

  Result<void> read_logits(const Tensor& tensor) {
    if (vocabulary != 0) return bad(tensor, "is there twice");
    if (tensor.element != Element::float32) return bad(tensor, "is not of type float32");
    if (tensor.elements() <= 0 || tensor.dimensions.empty()) {
      return bad(tensor, "has no fixed shape");
    }
    vocabulary = tensor.dimensions.back();
    const std::int64_t rows = tensor.elements() / vocabulary;
    if (rows != 1 && rows != step_.length) return bad(tensor, "has an unexpected shape");
    step_.logit_rows = static_cast<int>(rows);
    return {};
  }

  [[nodiscard]] int context_of_states() const {
    int smallest = 0;
    for (const Tensor& state : states) {
      const int largest = *std::ranges::max_element(state.dimensions);
      smallest = smallest == 0 ? largest : std::min(smallest, largest);
    }
    return smallest;
  }

  const Signature& signature_;
  const std::string& name_;
  Step step_;
};

struct Candidate {
  Step step;
  std::vector<Tensor> states;
  int context = 0;
  int vocabulary = 0;
};

/// The cache tensors in an order that does not depend on the signature.
Candidate in_order(StepReader& reader, Step step) {
  Candidate candidate{std::move(step), reader.states, reader.context, reader.vocabulary};
  std::ranges::sort(candidate.states, {}, &Tensor::name);
  for (auto* slots : {&candidate.step.inputs, &candidate.step.outputs}) {
    for (Slot& slot : *slots) {
      if (slot.role != Role::state) continue;
      const auto found = std::ranges::find(candidate.states, slot.tensor);
      slot.state = static_cast<std::size_t>(found - candidate.states.begin());
    }
  }
  return candidate;
}

Result<std::vector<Candidate>> candidates(const std::vector<Signature>& signatures,
                                          std::string_view kind, const std::string& name) {
  std::vector<Candidate> found;
  for (const Signature& signature : signatures) {
    if (!signature.key.starts_with(kind)) continue;
    StepReader reader(signature, name);
    Step step = TRY(reader.read());
    found.push_back(in_order(reader, std::move(step)));
  }
  return found;
}

Error no_decode(const std::vector<Signature>& signatures, const std::string& name) {
  std::string keys;
  for (const Signature& signature : signatures) {
    keys += (keys.empty() ? "" : ", ") + signature.key;
  }
  return fail(ErrorCode::unsupported,
              fmt::format("{} is not a language model: it has no signature decode with a token in "
                          "and logits out, only {}",
                          name, keys.empty() ? "unnamed ones" : keys),
              "choose a language model exported with litert-torch");
}

}  // namespace

std::int64_t Tensor::elements() const {
  std::int64_t product = 1;
  for (const std::int32_t size : dimensions) {
    if (size <= 0 || product > std::numeric_limits<std::int32_t>::max()) return 0;
    product *= size;
  }
  return product;
}

Result<Graph> read_graph(const std::vector<Signature>& signatures, int context,
                         const std::string& name) {
  auto decodes = TRY(candidates(signatures, "decode", name));
  std::erase_if(decodes, [](const Candidate& candidate) {
    return candidate.step.length != 1 || candidate.step.logit_rows != 1 || candidate.context <= 0;
  });
  if (decodes.empty()) return no_decode(signatures, name);
  std::ranges::sort(decodes, {}, &Candidate::context);
  auto chosen = context == 0 ? std::prev(decodes.end())
                             : std::ranges::find_if(decodes, [&](const Candidate& candidate) {
                                 return candidate.context >= context;
                               });
  if (chosen == decodes.end()) chosen = std::prev(decodes.end());
  Graph graph;
  graph.context = chosen->context;
  graph.largest_context = decodes.back().context;
  graph.vocabulary = chosen->vocabulary;
  graph.states = chosen->states;
  graph.decode = std::move(chosen->step);
  for (Candidate& prefill : TRY(candidates(signatures, "prefill", name))) {
    const bool fits = prefill.states == graph.states && prefill.context == graph.context &&
                      prefill.step.embedding_row == graph.decode.embedding_row &&
                      prefill.step.per_layer_row == graph.decode.per_layer_row;
    if (!fits) continue;
    if (prefill.vocabulary != 0 && prefill.vocabulary != graph.vocabulary) {
      return fail(
          ErrorCode::bad_model,
          fmt::format("{}: signature {} gives logits of {} tokens, signature {} of {}", name,
                      prefill.step.key, prefill.vocabulary, graph.decode.key, graph.vocabulary),
          "the file is damaged: download or export it again");
    }
    graph.prefills.push_back(std::move(prefill.step));
  }
  return graph;
}

}  // namespace tenfold::litert
