// What the program in a .pte file tells of the language model in it.
#pragma once

#include <string>
#include <string_view>

#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

/// Operators for language models that the ExecuTorch engine adds to those of the framework.
inline constexpr std::string_view pte_llm_operators[] = {
    "llama::update_cache.out",          "llama::update_cache_with_indices.out",
    "llama::custom_sdpa.out",           "llama::sdpa_with_kv_cache.out",
    "llama::custom_quantized_sdpa.out", "llama::fast_hadamard_transform.out",
    "llama::gated_delta_rule.out",      "llama::channelwise_gated_delta_rule.out"};

/// Whether the method "forward" of the program uses an operator of pte_llm_operators. `program`:
/// see add_pte_program().
bool pte_program_uses(std::string_view program, std::string_view llm_operator);

/// Context, vocabulary and backends, from the constant methods that ExecuTorch's LLM exporters add
/// (get_max_context_len, get_vocab_size, …). `program` is the flatbuffer at the start of the file.
/// Schema: schema/program.fbs of ExecuTorch 1.3. bad_model, naming `name`, if it has no method.
/// The refusal, if it has no "forward", or one with other inputs than tokens and positions, or one
/// that needs a backend, or an operator beyond the framework's, that the engine does not have.
Result<void> add_pte_program(std::string_view program, const std::string& name,
                             ModelDescription& description);

}  // namespace tenfold
