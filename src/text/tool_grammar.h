// Grammars that force calls of tools (text/constraint.h).
#pragma once

#include <string>
#include <vector>

#include "tenfold/prompt.h"
#include "tenfold/request.h"
#include "tenfold/result.h"
#include "tenfold/token_model.h"
#include "text/tool_form.h"

namespace tenfold {

struct ToolGrammar {
  const ToolForm& form;
  std::vector<Tool> tools;     ///< that may be called; not empty
  bool is_parallel = true;     ///< several calls, instead of one
  std::string or_schema = {};  ///< JSON schema: the answer may be this instead; empty: only calls
};

/// An answer that is calls in the model's form and nothing else, each with arguments that match the
/// tool's schema. Marks that are special tokens of the model are taken as such. Gemma's forms have
/// no JSON: of their schemas only the top level holds (names, required fields, types, enums).
Constraint tool_constraint(const ToolGrammar& grammar, const Tokenizer& tokenizer);

}  // namespace tenfold
