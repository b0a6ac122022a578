#include "generation/tool_use.h"

#include <utility>
#include <vector>

#include "base/sha256.h"
#include "text/tool_grammar.h"

namespace tenfold {
namespace {

/// More than enough to tell the answers of a conversation apart, and short to copy.
constexpr std::size_t id_digits = 16;

ToolGrammar grammar_of(const Request& request, const ToolForm& form) {
  ToolGrammar grammar{form, {}, may_call_more(request)};
  const std::string& only = request.tool_choice.name;
  for (const Tool& tool : std::get<ChatPrompt>(request.prompt).tools) {
    if (only.empty() || only == tool.name) grammar.tools.push_back(tool);
  }
  return grammar;
}

}  // namespace

bool uses_tools(const Request& request) {
  const auto* chat = std::get_if<ChatPrompt>(&request.prompt);
  return chat != nullptr && !chat->tools.empty() &&
         request.tool_choice.kind != ToolChoice::Kind::none;
}

bool must_call(const Request& request) {
  const ToolChoice::Kind kind = request.tool_choice.kind;
  return kind == ToolChoice::Kind::required || kind == ToolChoice::Kind::named;
}

bool may_call_more(const Request& request) {
  return request.parallel_tool_calls && request.tool_choice.kind != ToolChoice::Kind::named;
}

ToolCallSplitter make_tool_splitter(const Request& request, const ToolForm& form) {
  std::vector<std::string> names;
  const std::vector<Tool>& tools = std::get<ChatPrompt>(request.prompt).tools;
  for (const Tool& tool : tools) names.push_back(tool.name);
  return ToolCallSplitter(form, std::move(names), tools);
}

Constraint constraint_with_tools(const Request& request, const ToolForm& form,
                                 const Tokenizer& tokenizer) {
  const bool may_answer = request.tool_choice.kind == ToolChoice::Kind::automatic;
  if (may_answer && request.constraint.kind == Constraint::Kind::none) return {};
  ToolGrammar grammar = grammar_of(request, form);
  if (may_answer) grammar.or_schema = request.constraint.text;
  return tool_constraint(grammar, tokenizer);
}

Constraint begun_call_constraint(const Request& request, const ToolForm& form,
                                 const Tokenizer& tokenizer) {
  return tool_constraint(grammar_of(request, form), tokenizer);
}

Result<std::string> call_id_prefix(std::uint64_t seed, std::span<const std::byte> prompt) {
  Sha256 digest = TRY(Sha256::create());
  digest.update(std::as_bytes(std::span(&seed, 1)));
  digest.update(prompt);
  return "call_" + digest.finish().substr(0, id_digits);
}

}  // namespace tenfold
