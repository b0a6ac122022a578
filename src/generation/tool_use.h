// What a request with tools means for the answer: what is read from it, and what it may be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "tenfold/request.h"
#include "tenfold/result.h"
#include "tenfold/token_model.h"
#include "text/tool_calls.h"
#include "text/tool_form.h"

namespace tenfold {

/// Whether calls are read from the answer: there are tools, and tool_choice is not `none`.
bool uses_tools(const Request& request);

/// Whether the answer has to be calls.
bool must_call(const Request& request);
/// Whether it may be several: a named choice is one call.
bool may_call_more(const Request& request);

ToolCallSplitter make_tool_splitter(const Request& request, const ToolForm& form);

/// What the answer may be: calls only if tool_choice asks for them; else, if its text is
/// constrained, that or calls; else anything.
Constraint constraint_with_tools(const Request& request, const ToolForm& form,
                                 const Tokenizer& tokenizer);

/// What the rest of an answer may be from the mark on with which a call has begun: this call, and
/// others if they may be parallel.
Constraint begun_call_constraint(const Request& request, const ToolForm& form,
                                 const Tokenizer& tokenizer);

/// "call_" and digits that differ from answer to answer, and are the same when an answer is
/// generated again (Request::answered).
Result<std::string> call_id_prefix(std::uint64_t seed, std::span<const std::byte> prompt);

}  // namespace tenfold
