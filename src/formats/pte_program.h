// What the program in a .pte file tells of the language model in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/description.h"
#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold {

/// Operators for language models that the ExecuTorch engine adds to those of the framework.
inline constexpr std::string_view pte_llm_operators[] = {
    "llama::update_cache.out",          "llama::update_cache_with_indices.out",
    "llama::custom_sdpa.out",           "llama::sdpa_with_kv_cache.out",
    "llama::custom_quantized_sdpa.out", "llama::fast_hadamard_transform.out",
    "llama::gated_delta_rule.out",      "llama::channelwise_gated_delta_rule.out"};

/// Read from the program's constant methods (get_max_context_len or get_max_seq_len,
/// get_vocab_size, get_eos_ids or get_eos_id, get_bos_id, use_kv_cache, enable_dynamic_shape) and
/// its method "forward". Two forms of inputs are known: (input_ids, cache_position) of
/// optimum-executorch and transformers, and (tokens, start_pos) of ExecuTorch's own runner.
struct PteSignature {
  int context_size = 0;          ///< tokens the KV cache holds
  int vocabulary_size = 0;       ///< width of a row of logits
  int longest_input = 0;         ///< tokens that one call takes
  bool exact_input = false;      ///< no fewer either; then the context has room for the rest
  bool position_of_all = false;  ///< the second input has a position per token, not the first alone
  bool logits_of_all = false;    ///< a row of logits per token, not of the last alone
  /// What it holds can only be added to, or begun anew: the places of a sliding window's ring are
  /// used again, and linear attention has a state in place of a cache. The program empties both
  /// itself at position 0.
  bool only_adds = false;
  std::vector<TokenId> ends;
  TokenId begin = -1;  ///< -1: not said
};

/// `program` is the flatbuffer at the start of the file `name`. unsupported if it is no language
/// model with a KV cache, or needs a backend, or an operator beyond the framework's, that the
/// engine does not have; bad_model if it contradicts itself.
Result<PteSignature> read_pte_signature(std::string_view program, const std::string& name);

/// Context, vocabulary and backends, and as the refusal what read_pte_signature() says against it.
/// bad_model, naming `name`, if the program has no method.
Result<void> add_pte_program(std::string_view program, const std::string& name,
                             ModelDescription& description);

}  // namespace tenfold
