// What an ExecuTorch program says about the language model in it.
#pragma once

#include <executorch/extension/module/module.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold::executorch {

/// Read from the program's constant methods (get_max_context_len or get_max_seq_len,
/// get_vocab_size, get_eos_ids or get_eos_id, get_bos_id, use_kv_cache, enable_dynamic_shape) and
/// the shapes of its method "forward". Two forms of inputs are known: (input_ids, cache_position)
/// of optimum-executorch and transformers, and (tokens, start_pos) of ExecuTorch's own runner.
struct Signature {
  int context_size = 0;          ///< tokens the KV cache holds
  int vocabulary_size = 0;       ///< width of a row of logits
  int longest_input = 0;         ///< tokens that one call takes
  bool exact_input = false;      ///< no fewer either; then the context has room for the rest
  bool position_of_all = false;  ///< the second input has a position per token, not the first alone
  bool logits_of_all = false;    ///< a row of logits per token, not of the last alone
  std::vector<TokenId> ends;
  TokenId begin = -1;                 ///< -1: not said
  std::uint64_t planned = 0;          ///< bytes of KV cache and activations
  std::uint64_t cache = 0;            ///< those of the KV cache, if the program tells them apart
  std::vector<std::string> backends;  ///< that the method is delegated to
};

/// `module` was loaded from `path`. unsupported if the program is no language model with a KV
/// cache, or needs a backend that is not here; bad_model if it contradicts itself.
Result<Signature> read_signature(::executorch::extension::Module& module, const std::string& path);

}  // namespace tenfold::executorch
