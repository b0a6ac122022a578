// What the program in a .pte file tells of the language model in it.
#pragma once

#include <string>
#include <string_view>

#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

/// Context, vocabulary and backends, from the constant methods that ExecuTorch's LLM exporters add
/// (get_max_context_len, get_vocab_size, …). `program` is the flatbuffer at the start of the file.
/// Schema: schema/program.fbs of ExecuTorch 1.3. bad_model, naming `name`, if it has no method.
Result<void> add_pte_program(std::string_view program, const std::string& name,
                             ModelDescription& description);

}  // namespace tenfold
