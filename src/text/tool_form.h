// How model families write calls of tools: one table for reading them and for forcing them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenfold {

/// An answer's calls are written as: open_section, then for each call `open`, its payload and
/// `close`, with `separator` between two, then close_section. White space in and around the marks
/// does not count when they are read.
struct ToolForm {
  enum class Payload {
    json,   ///< {"name": …, arguments_key: {…}}, or an array of these
    named,  ///< the name, `middle`, then the arguments as a JSON object
    gemma,  ///< the name, then {key:value,…} with strings between two `middle`
    /// The name, `middle`, then for each argument parameter_open, its name, parameter_middle, its
    /// value and parameter_close. Strings are written as they are, other values as JSON.
    parameters,
  };

  Payload payload = Payload::json;
  std::string open;
  std::string close;
  std::string middle = {};
  std::string open_section = {};
  std::string close_section = {};
  std::string separator = {};
  std::string arguments_key = "arguments";
  bool is_array = false;  ///< json: the family writes an array
  bool is_bare = false;   ///< an answer may begin with the payload, without `open`
  std::string parameter_open = {};
  std::string parameter_middle = {};
  std::string parameter_close = {};
};

/// <tool_call>{"name": …, "arguments": {…}}</tool_call>, which Hermes and Qwen were trained on and
/// the preamble asks other models for.
const ToolForm& generic_tool_form();

/// The form that a chat template shows, by the marks in its text: FunctionGemma, Gemma 4, DeepSeek
/// R1 and V3.1, Mistral (with and without [ARGS]), Llama 3, Phi-4-mini and Granite, Apriel,
/// Functionary, Qwen3-Coder and its like, Seed-OSS, GLM 4.5 and later, MiniMax M2, and the generic
/// one. nullptr: none of these.
const ToolForm* find_tool_form(std::string_view template_source);

}  // namespace tenfold
