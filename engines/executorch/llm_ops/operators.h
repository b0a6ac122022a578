// ExecuTorch's operators for language models, which its package has for Python alone. Schemas:
// https://github.com/pytorch/executorch, extension/llm/custom_ops, as of release 1.5.
#pragma once

#include "llm_ops/arguments.h"
#include "tenfold/result.h"

namespace tenfold::executorch {

/// Makes all of them known to the framework, once per process; before a program that needs one is
/// loaded. internal if the framework refuses. Thread-safe.
Result<void> register_llm_operators();

/// update_cache(value, cache, start_pos, out): `value` into `cache` from position start_pos on; out
/// means nothing. Both are [batch, position, head, element] of one type, whichever.
Result<void> update_cache(const Arguments& arguments);

/// update_cache_with_indices(value, cache, start_pos, indices, out): each position of `value` to
/// the one that indices [batch, position] names, as a ring buffer needs it. start_pos means
/// nothing.
Result<void> update_cache_with_indices(const Arguments& arguments);

/// custom_sdpa(query, key_cache, value_cache, start_pos, attn_mask, dropout_p, is_causal, scale,
/// out): queries from position start_pos on look at the caches: at start_pos + their number of
/// positions, or at all that a mask [position, cache position] has a column for.
Result<void> custom_sdpa(const Arguments& arguments);

/// sdpa_with_kv_cache(query, key, value, key_cache, value_cache, start_pos, seq_len, attn_mask,
/// dropout_p, is_causal, scale, out): update_cache() twice, then custom_sdpa().
Result<void> sdpa_with_kv_cache(const Arguments& arguments);

/// custom_quantized_sdpa(query, key_cache, value_cache, start_pos, attn_mask, dropout_p, is_causal,
/// scale, q_zero_points, q_scales, k_…, k_…, v_…, v_…, is_seq_at_dim_2, out): the same for int8
/// with a scale and a zero point for each row; out is of f32.
Result<void> custom_quantized_sdpa(const Arguments& arguments);

/// fast_hadamard_transform(mat, out): the last dimension, of 2^n or 28 * 2^n numbers, times a
/// Hadamard matrix over the root of 2^n, as SpinQuant's models have it (arXiv 2405.16406).
Result<void> fast_hadamard_transform(const Arguments& arguments);

/// gated_delta_rule(query, key, value, decay, beta, initial_state, out, final_state_out), all f32:
/// token by token the state of a head, [key, value], becomes smaller by `decay` (of [batch, head,
/// token], or a number for each element of the key), learns `beta` of what `key` does not yet give
/// of `value`, and gives `out` for `query`; several heads of queries can share one. Its earlier
/// name is channelwise_gated_delta_rule.
Result<void> gated_delta_rule(const Arguments& arguments);

}  // namespace tenfold::executorch
