#include "text/chat_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "text/rust_handle.h"
#include "text/tool_messages.h"

namespace tenfold {
namespace {

/// Stands after the content of a message that is to be continued, to find where the template put
/// it; the method, and the trailing space that tells whether the template trims content, are those
/// of transformers' continue_final_message.
constexpr std::string_view continue_mark = "CONTINUE_FINAL_MESSAGE_TAG";

/// What a template wants, found out by trying.
struct Wants {
  bool tools = false;              ///< it shows tools, and its calls have a form we read
  bool system_message = true;      ///< it takes one
  bool arguments_as_text = false;  ///< of calls
  bool null_content = false;       ///< of messages that only call
  bool tools_in_message = false;   ///< as a field of the system message
  bool short_ids = false;          ///< of calls: nine letters and digits
};

using Json = nlohmann::ordered_json;

Json parameters_of(const Tool& tool) {
  if (!tool.parameters.empty()) return Json::parse(tool.parameters);
  return {{"type", "object"}, {"properties", Json::object()}};
}

Json tools_json(const std::vector<Tool>& tools) {
  if (tools.empty()) return nullptr;
  Json list = Json::array();
  for (const Tool& tool : tools) {
    list.push_back({{"type", "function"},
                    {"function",
                     {{"name", tool.name},
                      {"description", tool.description},
                      {"parameters", parameters_of(tool)}}}});
  }
  return list;
}

/// The messages as transformers hands them to a template.
class MessageWriter {
 public:
  explicit MessageWriter(const Wants& wants) : wants_(wants) {}

  Json write(const Message& message) {
    Json json{{"role", message.role}, {"content", message.content}};
    if (!message.reasoning.empty()) json["reasoning_content"] = message.reasoning;
    for (const ToolCall& call : message.tool_calls) json["tool_calls"].push_back(write(call));
    const bool only_calls = message.content.empty() && !message.tool_calls.empty();
    if (only_calls && wants_.null_content) json["content"] = nullptr;
    if (!message.tool_call_id.empty()) json["tool_call_id"] = id(message.tool_call_id);
    if (!message.name.empty()) json["name"] = message.name;
    return json;
  }

 private:
  Json write(const ToolCall& call) {
    Json arguments = call.arguments;
    if (!wants_.arguments_as_text) arguments = Json::parse(call.arguments);
    return {{"type", "function"},
            {"id", id(call.id)},
            {"function", {{"name", call.name}, {"arguments", std::move(arguments)}}}};
  }

  /// The same for the same conversation, so that its cached prefix stays usable.
  std::string id(const std::string& given) {
    if (!wants_.short_ids) return given;
    return fmt::format("call{:05}", ids_.emplace(given, ids_.size() % 100'000).first->second);
  }

  const Wants& wants_;
  std::map<std::string, std::size_t> ids_;
};

std::string context_json(const ChatPrompt& chat, const Wants& wants, const TemplateContext& context,
                         bool continues) {
  auto list = Json::array();
  MessageWriter writer(wants);
  for (const Message& message : chat.messages) list.push_back(writer.write(message));
  if (continues) {
    list.back()["content"] = chat.messages.back().content + std::string(continue_mark) + " ";
  }
  Json tools = tools_json(chat.tools);
  if (wants.tools_in_message && !tools.is_null()) {
    if (list.front()["role"] != "system") {
      list.insert(list.begin(), Json{{"role", "system"}, {"content", ""}});
    }
    Json functions = Json::array();
    for (const Json& tool : tools) functions.push_back(tool["function"]);
    list.front()["tools"] = functions.dump();
  }
  // transformers always defines `tools` and `documents`, and templates rely on it.
  const Json variables = {
      {"messages", std::move(list)},
      {"tools", std::move(tools)},
      {"documents", nullptr},
      {"add_generation_prompt", context.add_generation_prompt && !continues},
      {"bos_token", context.bos_token},
      {"eos_token", context.eos_token},
  };
  // A vocabulary may hold tokens that are not UTF-8; in a prompt they would be replaced anyway.
  return variables.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Cuts what the template put after the content of the last message.
Result<std::string> left_open(std::string rendered) {
  const std::size_t mark = rendered.rfind(continue_mark);
  if (mark == std::string::npos) {
    return fail(ErrorCode::invalid_argument,
                "the chat template does not show the last assistant message, so it cannot be "
                "continued.",
                "end the conversation with a user message");
  }
  const bool content_was_trimmed = rendered.compare(mark + continue_mark.size(), 1, " ") != 0;
  rendered.resize(mark);
  if (content_was_trimmed) rendered.resize(rendered.find_last_not_of(white_space) + 1);
  return rendered;
}

}  // namespace

struct ChatTemplate::Handle {
  RustPointer<TenfoldTemplate, tenfold_template_free> compiled;
  Wants wants;
  const ToolForm* form = &generic_tool_form();

  [[nodiscard]] Result<std::string> render(const ChatPrompt& chat, const Wants& wanted,
                                           const TemplateContext& context, bool continues) const {
    const std::string variables = context_json(chat, wanted, context, continues);
    TenfoldBytes bytes{};
    const RustCall call;
    const auto status = tenfold_template_render(compiled.get(), rust_view(variables), &bytes);
    std::string text = take_rust_bytes(bytes);
    switch (status) {
      case tenfold_render_ok:
        return text;
      case tenfold_render_refused:
        return fail(ErrorCode::invalid_argument,
                    "the model's chat template refused the conversation: " + text,
                    "change the roles or the order of the messages");
      case tenfold_render_broken:
        break;
    }
    return fail(ErrorCode::bad_model, "the model's chat template failed at " + text + ".",
                "use another build of this model, or give the prompt as plain text");
  }

  /// What the template makes of a small conversation; empty if it takes none such.
  [[nodiscard]] std::string probe(const ChatPrompt& chat, const Wants& wanted) const {
    const auto text = render(chat, wanted, {"", "", true}, false);
    return text.ok() ? *text : std::string();
  }

  void find_wants(const std::string& source) {
    const auto has = [&](std::string_view part) { return source.find(part) != source.npos; };
    wants.null_content = has("message['content'] is not none");
    wants.tools_in_message = has("message['tools']");
    wants.short_ids = has("|length != 9");
    const Message user{"user", "a"};
    wants.system_message = !probe(std::vector<Message>{{"system", "b"}, user}, wants).empty();
    const ToolForm* known = find_tool_form(source);
    const std::string without = probe(std::vector<Message>{user}, wants);
    const std::string with = probe({{user}, {{"probe"}}}, wants);
    wants.tools = known != nullptr && !with.empty() && with != without;
    if (!wants.tools) return;
    form = known;
    const ChatPrompt calls({user,
                            {"assistant", "", "", {{"1", "probe", R"({"a": 1})"}}},
                            {"tool", "c", "", {}, "1", "probe"}},
                           {{"probe"}});
    if (!probe(calls, wants).empty()) return;
    Wants text = wants;
    text.arguments_as_text = true;
    wants.arguments_as_text = !probe(calls, text).empty();
  }
};

Result<ChatTemplate> ChatTemplate::create(const std::string& source) {
  TenfoldBytes error{};
  const RustCall call;
  auto handle = std::make_shared<Handle>();
  handle->compiled.reset(tenfold_template_compile(rust_view(source), &error));
  if (handle->compiled == nullptr) {
    return fail(ErrorCode::bad_model,
                "the model's chat template is not valid Jinja: " + take_rust_bytes(error) + ".",
                "use another build of this model, or give the prompt as plain text");
  }
  handle->find_wants(source);
  return ChatTemplate(std::move(handle));
}

Result<std::string> ChatTemplate::render(const ChatPrompt& chat,
                                         const TemplateContext& context) const {
  if (chat.messages.empty()) {
    return fail(ErrorCode::invalid_argument, "the conversation has no message.",
                "give at least one user message");
  }
  const Message& last = chat.messages.back();
  if (!last.tool_calls.empty()) {
    return fail(ErrorCode::invalid_argument,
                "the conversation ends with calls of tools, which cannot be continued.",
                "Add a message of the role \"tool\" for each call.");
  }
  const bool continues = last.role == "assistant";
  const Wants& wants = handle_->wants;
  const bool has_tools =
      !chat.tools.empty() ||
      std::ranges::any_of(chat.messages, [](const Message& m) { return !m.tool_calls.empty(); });
  const ChatPrompt shown =
      has_tools && !wants.tools ? plain_messages(chat, wants.system_message) : chat;
  std::string text = TRY(handle_->render(shown, wants, context, continues));
  return continues ? left_open(std::move(text)) : std::move(text);
}

const ToolForm& ChatTemplate::tool_form() const { return *handle_->form; }

}  // namespace tenfold
