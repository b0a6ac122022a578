#include "text/tool_form.h"

#include <utility>

namespace tenfold {
namespace {

using Payload = ToolForm::Payload;

/// A call whose arguments are elements.
ToolForm elements(std::string open, std::string middle, std::string close,
                  std::string parameter_open, std::string parameter_middle,
                  std::string parameter_close) {
  ToolForm form{Payload::parameters, std::move(open), std::move(close), std::move(middle)};
  form.separator = "\n";
  form.parameter_open = std::move(parameter_open);
  form.parameter_middle = std::move(parameter_middle);
  form.parameter_close = std::move(parameter_close);
  return form;
}

ToolForm minimax_form() {
  ToolForm form = elements("<invoke name=\"", "\">\n", "</invoke>", "<parameter name=\"", "\">",
                           "</parameter>\n");
  form.open_section = "<minimax:tool_call>\n";
  form.close_section = "\n</minimax:tool_call>";
  return form;
}

struct Family {
  std::vector<std::string_view> marks;  ///< all of them are in its templates
  ToolForm form;
};

/// The first whose marks are all there is meant: what is special comes before what is general.
const std::vector<Family>& families() {
  static const std::vector<Family> table = {
      {{"<start_function_call>"},
       {Payload::gemma, "<start_function_call>call:", "<end_function_call>", "<escape>", "",
        "<start_function_response>"}},
      {{"<|tool_call>call:"},
       {Payload::gemma, "<|tool_call>call:", "<tool_call|>", "<|\"|>", "", "<|tool_response>"}},
      {{"<｜tool▁sep｜>", "```json"},
       {Payload::named, "<｜tool▁call▁begin｜>function<｜tool▁sep｜>", "\n```<｜tool▁call▁end｜>",
        "\n```json\n", "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", "\n"}},
      {{"<｜tool▁sep｜>"},
       {Payload::named, "<｜tool▁call▁begin｜>", "<｜tool▁call▁end｜>", "<｜tool▁sep｜>",
        "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"}},
      {{"[TOOL_CALLS]", "[ARGS]"}, {Payload::named, "[TOOL_CALLS]", "", "[ARGS]"}},
      {{"[TOOL_CALLS]"}, {Payload::json, "[TOOL_CALLS]", "", "", "", "", "", "arguments", true}},
      {{"<seed:tool_call>", "<parameter="},
       elements("<seed:tool_call>\n<function=", ">\n", "</function>\n</seed:tool_call>",
                "<parameter=", ">", "</parameter>\n")},
      {{"<function=", "<parameter="},
       elements("<tool_call>\n<function=", ">\n", "</function>\n</tool_call>", "<parameter=", ">\n",
                "\n</parameter>\n")},
      {{"<arg_key>", "<tool_call>"},
       elements("<tool_call>", "\n", "</tool_call>", "<arg_key>", "</arg_key>\n<arg_value>",
                "</arg_value>\n")},
      {{"<minimax:tool_call>", "<invoke name="}, minimax_form()},
      {{"<function=", "</function>", "python_tag"},
       {Payload::named, "<function=", "</function>", ">"}},
      {{"\"parameters\": dictionary of argument name"},
       {Payload::json, "<|python_tag|>", "", "", "", "", "; ", "parameters", false, true}},
      {{"<|tool_call|>"},
       {Payload::json, "<|tool_call|>", "<|/tool_call|>", "", "", "", "", "arguments", true}},
      {{"message['tools']", "<|tool|>"},
       {Payload::json, "<|tool_call|>", "<|/tool_call|>", "", "", "", "", "arguments", true}},
      {{"<tool_calls>["},
       {Payload::json, "<tool_calls>", "</tool_calls>", "", "", "", "", "arguments", true}},
      {{"<tool_call>", "\"arguments"}, generic_tool_form()},
  };
  return table;
}

}  // namespace

const ToolForm& generic_tool_form() {
  static const ToolForm form{Payload::json, "<tool_call>\n", "\n</tool_call>", "", "", "", "\n"};
  return form;
}

const ToolForm* find_tool_form(std::string_view template_source) {
  for (const Family& family : families()) {
    bool has_all = true;
    for (const std::string_view mark : family.marks) {
      has_all = has_all && template_source.find(mark) != std::string_view::npos;
    }
    if (has_all) return &family.form;
  }
  return nullptr;
}

}  // namespace tenfold
