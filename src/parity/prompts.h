// The prompts of `tenfold verify`.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tenfold/request.h"

namespace tenfold {

struct ParityPrompt {
  std::string name;  ///< "chat 1"
  Prompt prompt;
};

/// A dozen: conversations, plain text, code, and texts of several scripts.
std::span<const ParityPrompt> parity_prompts();

}  // namespace tenfold
