#include "server/apis/noted.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tenfold::server {
namespace {

constexpr std::size_t longest_type = 64;
constexpr std::size_t most_named = 16;

template <typename... Apis>
constexpr std::uint8_t of(Apis... apis) {
  return static_cast<std::uint8_t>((static_cast<unsigned>(apis) | ...));
}

using enum Api;
constexpr std::uint8_t all_of_openai = of(chat, completions, responses, embeddings);
constexpr std::uint8_t answers = of(chat, completions, responses);

bool is_false(const Json& value, const Json&) { return value == false; }
bool of_no_tool(const Json&, const Json& message) {
  return message.value("role", Json()) != "tool";
}
bool no_logprobs(const Json& value, const Json&) { return value != "message.output_text.logprobs"; }

/// Tools that OpenAI or Anthropic run themselves, or that their models know without a description.
constexpr auto foreign_tools = std::to_array<std::string_view>(
    {"web_search", "web_fetch", "file_search", "code_interpreter", "code_execution", "computer",
     "image_generation", "mcp", "namespace", "custom", "local_shell", "shell", "apply_patch",
     "bash", "text_editor", "memory", "tool_search", "advisor"});

bool is_foreign_tool(const Json& tool, const Json&) {
  if (!tool.is_object() || !tool.contains("type") || !tool["type"].is_string()) return false;
  const auto& type = tool["type"].get_ref<const std::string&>();
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (type.size() > longest_type || !std::ranges::all_of(type, is_plain)) return false;
  return std::ranges::any_of(foreign_tools, [&](std::string_view known) {
    if (!type.starts_with(known)) return false;
    std::string_view rest = std::string_view(type).substr(known.size());
    for (const std::string_view variant :
         {"_use_preview", "_preview", "_tool_regex", "_tool_bm25"}) {
      if (rest.starts_with(variant)) rest.remove_prefix(variant.size());
    }
    // The date of a version.
    return rest.empty() || (rest.front() == '_' && rest.size() > 8 &&
                            rest.find_first_not_of("_0123456789") == std::string_view::npos);
  });
}

/// To Anthropic "custom" is what others call a function.
bool is_foreign_to_anthropic(const Json& tool, const Json& object) {
  return is_foreign_tool(tool, object) && tool["type"] != "custom";
}

constexpr std::string_view about_caller = "a word about the caller, of which nothing is kept";
constexpr std::string_view about_cache = "prompts are always cached, as long as there is room";
constexpr std::string_view of_helpers = "what the official client's helpers add to an answer";
constexpr std::string_view runs_elsewhere =
    "tools that run elsewhere (web_search, code_interpreter, mcp, namespace, custom and the like) "
    "are left out of the prompt";
constexpr std::string_view of_loading = "how a model is loaded is decided by the server";

constexpr auto table = std::to_array<NotedField>({
    {all_of_openai, "user", nullptr, about_caller},
    {all_of_openai, "safety_identifier", nullptr, about_caller},
    {of(responses), "client_metadata", nullptr, about_caller},
    {of(chat, completions, messages), "metadata", nullptr, about_caller},
    {all_of_openai, "prompt_cache_key", nullptr, about_cache},
    {answers, "prompt_cache_retention", nullptr, about_cache},
    {answers | of(messages), "service_tier", nullptr, "there is one tier"},
    {answers, "store", is_false, "false: nothing is stored"},
    {answers, "stream_options.include_obfuscation", nullptr, "nothing is obfuscated"},
    {of(chat), "verbosity", nullptr, "a hint for models that were trained for it"},
    {of(responses), "text.verbosity", nullptr, "a hint for models that were trained for it"},
    {of(chat), "prediction", nullptr, "a hint for speed"},
    {of(chat), "web_search_options", nullptr, runs_elsewhere},
    {of(responses), "reasoning.summary", nullptr, "thoughts are given whole"},
    {of(responses), "reasoning.generate_summary", nullptr, "thoughts are given whole"},
    {of(responses), "include[]", no_logprobs,
     "what there is is always there; all but message.output_text.logprobs"},
    {of(responses), "max_tool_calls", nullptr, "it counts calls of tools that run elsewhere"},
    {of(responses, messages), "context_management", nullptr, "the prompt is what was sent"},
    {of(chat, responses), "tools[]", is_foreign_tool, runs_elsewhere},
    {of(messages), "tools[]", is_foreign_to_anthropic, runs_elsewhere},
    {of(chat), "messages[].name", of_no_tool, "of any role but tool: templates do not show it"},
    {of(chat), "messages[].tool_calls[].index", nullptr, of_helpers},
    {of(chat), "messages[].tool_calls[].function.parsed_arguments", nullptr, of_helpers},
    {of(chat), "messages[].parsed", nullptr, of_helpers},
    {of(chat), "messages[].provider_specific_fields", nullptr, of_helpers},
    {of(chat), "messages[].cache_control", nullptr, about_cache},
    {of(chat), "messages[].content[].cache_control", nullptr, about_cache},
    {of(chat), "tools[].cache_control", nullptr, about_cache},
    {of(chat), "tools[].function.cache_control", nullptr, about_cache},
    {of(responses), "input[].phase", nullptr, of_helpers},
    {of(responses), "input[].summary", nullptr, "the thought itself is in content"},
    {of(responses), "input[].encrypted_content", nullptr, "only its maker can read it"},
    {of(responses), "input[].parsed_arguments", nullptr, of_helpers},
    {of(responses), "input[].content[].parsed", nullptr, of_helpers},
    {of(responses), "input[].content[].annotations", nullptr, of_helpers},
    {of(responses), "input[].content[].logprobs", nullptr, of_helpers},
    {of(messages), "betas", nullptr, "what there is needs no permission"},
    {of(messages), "mcp_servers", nullptr, runs_elsewhere},
    {of(messages), "cache_control", nullptr, about_cache},
    {of(messages), "system[].cache_control", nullptr, about_cache},
    {of(messages), "messages[].content[].cache_control", nullptr, about_cache},
    {of(messages), "messages[].content[].content[].cache_control", nullptr, about_cache},
    {of(messages), "tools[].cache_control", nullptr, about_cache},
    {of(messages), "system[].citations", nullptr, of_helpers},
    {of(messages), "messages[].content[].citations", nullptr, of_helpers},
    {of(messages), "messages[].content[].content[].citations", nullptr, of_helpers},
    {of(messages), "messages[].content[].index", nullptr, of_helpers},
    {of(messages), "messages[].content[].parsed_output", nullptr, of_helpers},
    {of(messages), "messages[].content[].toolset_name", nullptr, of_helpers},
    {of(messages), "messages[].content[].caller", nullptr, of_helpers},
    {of(messages), "tools[].eager_input_streaming", nullptr, "calls are sent when they are whole"},
    {of(messages), "tools[].input_examples", nullptr, "templates have no place for them"},
    {of(messages), "tools[].defer_loading", nullptr, "all tools are in the prompt"},
    {of(messages), "tools[].allowed_callers", nullptr, "the model calls tools itself"},
    {of(ollama_answer, ollama_embed), "truncate", nullptr,
     "what is too long is refused, never cut"},
    {of(ollama_answer), "shift", nullptr, "an answer ends where the context is full"},
    {of(ollama_answer, ollama_embed), "options.num_thread", nullptr, of_loading},
    {of(ollama_answer, ollama_embed), "options.num_gpu", nullptr, of_loading},
    {of(ollama_answer, ollama_embed), "options.main_gpu", nullptr, of_loading},
    {of(ollama_answer, ollama_embed), "options.num_batch", nullptr, of_loading},
    {of(ollama_answer, ollama_embed), "options.use_mmap", nullptr, of_loading},
    {of(ollama_answer, ollama_embed), "options.use_mlock", nullptr, of_loading},
    {of(ollama_answer, ollama_embed), "options.low_vram", nullptr, of_loading},
    {of(ollama_answer, ollama_embed), "options.numa", nullptr, of_loading},
    {of(ollama_answer), "options.num_keep", nullptr, "an answer ends where the context is full"},
});

/// "messages[].name" → "messages", each element, "name"
struct Step {
  std::string_view name;
  bool each = false;
  std::string_view rest;  ///< empty: this is the end of the path
};

Step first_step(std::string_view path) {
  const std::size_t dot = path.find('.');
  Step step{path.substr(0, dot), false,
            dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1)};
  step.each = step.name.ends_with("[]");
  if (step.each) step.name.remove_suffix(2);
  return step;
}

std::string finding(const NotedField& field, const Json& value) {
  std::string name(field.path);
  if (field.path != "tools[]") return name;
  return name.append(" (").append(value["type"].get_ref<const std::string&>()).append(")");
}

class Search {
 public:
  Search(const NotedField& field, std::vector<std::string>& found) : field_(field), found_(found) {}

  void go(Json& object, std::string_view path) {
    const Step step = first_step(path);
    if (!object.is_object()) return;
    const auto member = object.find(step.name);
    if (member == object.end() || member->is_null()) return;
    if (!step.each) {
      if (!step.rest.empty()) return go(*member, step.rest);
      if (note(*member, object)) object.erase(member);
      return;
    }
    if (!member->is_array()) return;
    for (Json& element : *member) {
      if (!step.rest.empty()) {
        go(element, step.rest);
      } else if (!element.is_null() && note(element, object)) {
        element = nullptr;
      }
    }
  }

 private:
  bool note(const Json& value, const Json& object) {
    if (field_.is_noted != nullptr && !field_.is_noted(value, object)) return false;
    std::string name = finding(field_, value);
    if (found_.size() > most_named) return true;
    if (found_.size() == most_named) name = "…";
    if (std::ranges::find(found_, name) == found_.end()) found_.push_back(std::move(name));
    return true;
  }

  const NotedField& field_;
  std::vector<std::string>& found_;
};

/// Adds a noted field to each schema that a path leads to.
class Description {
 public:
  Description(Json& openapi, const NotedField& field)
      : openapi_(openapi),
        text_(fmt::format("Noted: {}", field.why)),
        takes_any_(field.is_noted == nullptr) {}

  void add(Json& schema, std::string_view path) {
    if (schema.contains("$ref")) {
      const auto target = schema["$ref"].get<std::string>();
      return add(openapi_[Json::json_pointer(target.substr(1))], path);
    }
    for (const char* choice : {"oneOf", "anyOf"}) {
      if (!schema.contains(choice)) continue;
      for (Json& one : schema[choice]) add(one, path);
    }
    if (!schema.contains("properties")) return;
    const Step step = first_step(path);
    Json& properties = schema["properties"];
    if (!step.each && step.rest.empty()) {
      Json& property = properties[std::string(step.name)];
      if (property.is_null() || takes_any_) property = {{"description", text_}};
      return;
    }
    const auto member = properties.find(step.name);
    if (member == properties.end()) return;
    if (!step.each) return add(*member, step.rest);
    if (!step.rest.empty()) return add_to_elements(*member, step.rest);
    if (step.name == "tools") add_foreign_tools((*member)["items"]);
  }

 private:
  void add_to_elements(Json& array, std::string_view path) {
    if (array.contains("$ref")) {
      const auto target = array["$ref"].get<std::string>();
      return add_to_elements(openapi_[Json::json_pointer(target.substr(1))], path);
    }
    for (const char* choice : {"oneOf", "anyOf"}) {
      if (!array.contains(choice)) continue;
      for (Json& one : array[choice]) add_to_elements(one, path);
    }
    if (array.contains("items")) add(array["items"], path);
  }

  void add_foreign_tools(Json& items) const {
    Json foreign{{"type", "object"},
                 {"description", text_},
                 {"required", {"type"}},
                 {"properties", {{"type", {{"enum", foreign_tools}}}}}};
    items = {{"anyOf", {std::move(items), std::move(foreign)}}};
  }

  Json& openapi_;
  std::string text_;
  bool takes_any_;
};

/// The schemas of the bodies, and how docs/server.md names them.
struct Place {
  Api api;
  std::string_view name;
  std::array<const char*, 2> schemas;
};

constexpr auto places = std::to_array<Place>({
    {chat, "chat", {"OpenAiChat", nullptr}},
    {completions, "completions", {"OpenAiCompletion", nullptr}},
    {responses, "responses", {"OpenAiResponse", nullptr}},
    {embeddings, "embeddings", {"OpenAiEmbedding", nullptr}},
    {messages, "messages", {"AnthropicMessages", "AnthropicCount"}},
    {ollama_answer, "/api/chat, /api/generate", {"OllamaChat", "OllamaGenerate"}},
    {ollama_embed, "/api/embed, /api/embeddings", {"OllamaEmbed", "OllamaEmbeddings"}},
});

}  // namespace

std::span<const NotedField> noted_fields() { return table; }

std::vector<std::string> take_noted(Json& body, Api api) {
  std::vector<std::string> found;
  for (const NotedField& field : table) {
    if ((field.apis & of(api)) != 0) Search(field, found).go(body, field.path);
  }
  return found;
}

void describe_noted(Json& openapi) {
  for (const NotedField& field : table) {
    Description description(openapi, field);
    for (const Place& place : places) {
      if ((field.apis & of(place.api)) == 0) continue;
      for (const char* schema : place.schemas) {
        if (schema != nullptr)
          description.add(openapi["components"]["schemas"][schema], field.path);
      }
    }
  }
}

std::string noted_table() {
  std::string text = "| fields | of | why they change nothing |\n|---|---|---|\n";
  for (std::size_t i = 0; i < table.size();) {
    const NotedField& first = table[i];
    std::vector<std::string> fields;
    for (; i < table.size() && table[i].apis == first.apis && table[i].why == first.why; ++i) {
      fields.push_back(fmt::format("`{}`", table[i].path));
    }
    std::vector<std::string_view> names;
    for (const Place& place : places) {
      if ((first.apis & of(place.api)) != 0) names.push_back(place.name);
    }
    text += fmt::format("| {} | {} | {} |\n", fmt::join(fields, ", "), fmt::join(names, ", "),
                        first.why);
  }
  return text;
}

}  // namespace tenfold::server
