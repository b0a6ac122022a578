// Tools for models whose chat template does not know them.
#pragma once

#include "tenfold/prompt.h"

namespace tenfold {

/// The conversation without tools, calls and messages of the role "tool", whose content is in the
/// other messages: a preamble lists the tools and asks for calls in the generic form
/// (tool_form.h), earlier calls stand in that form in the assistant's content, and results are user
/// messages: <tool_response>…</tool_response>. The preamble ends the system message; where the
/// template takes none, it begins the first message of the user.
ChatPrompt plain_messages(const ChatPrompt& chat, bool has_system_message);

}  // namespace tenfold
