#include "text/chat_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "text/folding.h"
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
    Json function{{"name", tool.name}};
    if (!tool.description.empty()) function["description"] = tool.description;
    function["parameters"] = parameters_of(tool);
    list.push_back({{"type", "function"}, {"function", std::move(function)}});
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
    const auto is_plain = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const bool is_short = given.size() == 9 && std::ranges::all_of(given, is_plain);
    if (!wants_.short_ids || is_short) return given;
    return fmt::format("call{:05}", ids_.emplace(given, ids_.size() % 100'000).first->second);
  }

  const Wants& wants_;
  std::map<std::string, std::size_t> ids_;
};

/// The variables by which templates switch and measure thinking, as far as something is asked.
void add_thinking(Json& variables, const Thinking& thinking) {
  if (thinking.mode == Thinking::Mode::automatic) return;
  const bool on = thinking.mode == Thinking::Mode::on;
  for (const char* name : {"enable_thinking", "thinking", "reasoning"}) variables[name] = on;
  variables["thinking_mode"] = on ? "enabled" : "disabled";  // MiniMax M3
  if (!thinking.effort.empty()) variables["reasoning_effort"] = thinking.effort;
  if (!on) variables["thinking_budget"] = 0;
  if (thinking.budget) variables["thinking_budget"] = *thinking.budget;
}

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
  Json variables{{"documents", nullptr}};
  add_thinking(variables, context.thinking);
  if (!chat.template_arguments.empty()) variables.update(Json::parse(chat.template_arguments));
  variables["messages"] = std::move(list);
  variables["tools"] = std::move(tools);
  variables["add_generation_prompt"] = context.add_generation_prompt && !continues;
  variables["bos_token"] = context.bos_token;
  variables["eos_token"] = context.eos_token;
  // A vocabulary may hold tokens that are not UTF-8; in a prompt they would be replaced anyway.
  return variables.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// What remains of arguments when the switches of the thought are taken out.
std::string without_switches(const std::string& arguments) {
  if (arguments.empty()) return arguments;
  Json variables = Json::parse(arguments);
  for (const char* name : {"enable_thinking", "thinking", "reasoning", "thinking_mode",
                           "reasoning_effort", "thinking_budget"}) {
    variables.erase(name);
  }
  return variables.dump();
}

/// Opens or closes the thought at the end of a prompt, where the template did not.
std::string forced(std::string prompt, const ThoughtForm& form, bool on, bool has_switch) {
  const bool is_open = ends_in_open_thought(prompt, form);
  if (on) {
    // A template with a switch leaves the mark to the model, which was trained so.
    if (!is_open && !has_switch) prompt.append(form.open).append(form.none.empty() ? "\n" : "");
    return prompt;
  }
  if (!is_open && has_switch) return prompt;
  if (is_open) {
    prompt.resize(prompt.find_last_not_of(white_space) + 1);
  } else if (!form.none.empty()) {
    return prompt.append(form.none);
  } else {
    prompt.append(form.open);
  }
  return prompt.append("\n\n").append(form.close).append("\n\n");
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
  const ThoughtForm* thought = nullptr;

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

  /// Also of a conversation that the template refuses as it is, where it takes another form of it.
  [[nodiscard]] Result<std::string> render_folded(const ChatPrompt& chat,
                                                  const TemplateContext& context,
                                                  bool continues) const {
    auto text = render(chat, wants, context, continues);
    for (const auto fold : {one_call_each, fold_neighbours, fold_system}) {
      if (text.ok() || text.error().code != ErrorCode::invalid_argument) return text;
      ChatPrompt folded = chat;
      folded.messages = fold(chat.messages);
      if (fold == fold_system) folded.messages = fold_neighbours(std::move(folded.messages));
      if (folded == chat) continue;
      auto other = render(folded, wants, context, continues);
      if (other.ok()) return other;
    }
    return text;
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
    const std::vector<Tool> tools{{"probe", "tries"}};
    const std::string with = probe({{user}, tools}, wants);
    wants.tools = known != nullptr && !with.empty() && with != without;
    if (!wants.tools) return;
    form = known;
    const ChatPrompt calls({user,
                            {"assistant", "", "", {{"1", "probe", R"({"a": 1})"}}},
                            {"tool", "c", "", {}, "1", "probe"}},
                           tools);
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
  handle->thought = find_thought_form(source);
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
  std::string text = TRY(handle_->render_folded(shown, context, continues));
  if (continues) return left_open(std::move(text));
  const bool is_asked = context.thinking.mode != Thinking::Mode::automatic;
  if (!is_asked || handle_->thought == nullptr || !context.add_generation_prompt) return text;
  TemplateContext other = context;
  const bool on = context.thinking.mode == Thinking::Mode::on;
  other.thinking = {.mode = on ? Thinking::Mode::off : Thinking::Mode::on};
  ChatPrompt opposite = shown;
  opposite.template_arguments = without_switches(shown.template_arguments);
  const auto without = handle_->render_folded(opposite, other, false);
  const bool has_switch = without.ok() && *without != text;
  return forced(std::move(text), *handle_->thought, on, has_switch);
}

const ThoughtForm* ChatTemplate::thought_form() const { return handle_->thought; }

const ToolForm& ChatTemplate::tool_form() const { return *handle_->form; }

}  // namespace tenfold
