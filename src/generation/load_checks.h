// What every engine checks before it loads a model: context size, vocabulary, memory need.
#pragma once

#include <cstdint>
#include <string>

#include "tenfold/options.h"
#include "tenfold/result.h"
#include "tenfold/token_model.h"

namespace tenfold {

/// The context of a load in tokens: see LoadOptions::context_size.
/// invalid_argument with both numbers if more is asked for than the model has.
Result<int> choose_context_size(const std::string& path, const LoadOptions& options,
                                std::int64_t model_context);

/// bad_model if the tokenizer has tokens that a model of `known` tokens has not: it is another's.
/// Special ones may lie beyond, as Gemma 3's for images; a prompt with one is refused.
Result<void> check_vocabulary(const std::string& path, const Tokenizer& tokenizer, int known);

/// A number of parameters for people: "0.9M", "135M", "13B".
std::string parameters_text(std::uint64_t parameters);

/// An estimate, in bytes.
struct MemoryNeed {
  std::uint64_t weights = 0;
  std::uint64_t cache = 0;
  std::uint64_t buffers = 0;
  bool mapped_weights = false;  ///< the system can page them, so free memory need not hold them
};

/// out_of_memory, with the parts, if the need exceeds the load's memory limit or free memory.
Result<void> check_memory(const std::string& path, const MemoryNeed& need,
                          const LoadOptions& options);

}  // namespace tenfold
