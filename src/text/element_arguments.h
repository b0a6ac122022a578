// Arguments of calls that are written as elements: <parameter=city>Oslo</parameter>.
#pragma once

#include <string>
#include <string_view>

#include "text/tool_call_reader.h"
#include "text/tool_form.h"

namespace tenfold {

struct ElementArguments {
  ReadCalls::Outcome outcome = ReadCalls::Outcome::whole;
  std::size_t size = 0;   ///< of the text up to what ends the call
  std::string json = {};  ///< of an object
};

/// Reads `text` from where the arguments begin. A value is text where the tool's schema says
/// "string" or where it is no JSON, Python's True, False and None included; one newline at either
/// end of it belongs to the form. `parameters`: the schema (JSON text), or empty.
ElementArguments read_element_arguments(const ToolForm& form, std::string_view text,
                                        const std::string& parameters, bool is_end);

}  // namespace tenfold
