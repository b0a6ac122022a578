#include "text/tool_grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace tenfold {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view end_of_reasoning = "</think>";

/// Objects that list their fields take no others: left open, as JSON Schema has them, a small model
/// may go on inventing fields until its context is full. Not those put together from parts, as one
/// part does not know the fields of another.
void close_objects(Json& schema) {
  if (!schema.is_object()) return;
  constexpr const char* parts[] = {"$ref", "anyOf", "oneOf", "if", "not", "patternProperties"};
  const bool has_parts =
      std::ranges::any_of(parts, [&](const char* part) { return schema.contains(part); });
  if (!has_parts && schema.contains("properties")) schema.emplace("additionalProperties", false);
  for (const char* inner : {"properties", "$defs", "definitions"}) {
    if (!schema.contains(inner) || !schema[inner].is_object()) continue;
    for (auto& [name, each] : schema[inner].items()) close_objects(each);
  }
  if (schema.contains("items")) close_objects(schema["items"]);
}

Json schema_of(const Tool& tool) {
  if (tool.parameters.empty()) return {{"type", "object"}, {"additionalProperties", false}};
  Json schema = Json::parse(tool.parameters);
  if (tool.parameters.find("\"allOf\"") == std::string::npos) close_objects(schema);
  return schema;
}

/// At most one space between the tokens, as in text/constraint.h.
std::string json_rule(Json schema) {
  schema.emplace("x-guidance", Json{{"whitespace_pattern", " "}});
  return "%json " + schema.dump();
}

/// Rules in llguidance's dialect of Lark.
class GrammarWriter {
 public:
  GrammarWriter(const ToolGrammar& grammar, const Tokenizer& tokenizer)
      : grammar_(grammar), form_(grammar.form), tokenizer_(tokenizer) {}

  std::string write() {
    const std::string more = grammar_.is_parallel ? " (" + text(form_.separator) + " call)*" : "";
    const std::string calls =
        text(form_.open_section) + " call" + more + " " + text(form_.close_section);
    const std::string before = grammar_.in_reasoning ? thought() + " " : "";
    rule("start", before + (grammar_.or_schema.empty() ? "calls" : "(calls | answer)"));
    if (!grammar_.or_schema.empty()) rule("answer", json_rule(Json::parse(grammar_.or_schema)));
    rule("calls", calls);
    switch (form_.payload) {
      case ToolForm::Payload::json:
        write_json();
        break;
      case ToolForm::Payload::named:
        write_named();
        break;
      case ToolForm::Payload::gemma:
        write_gemma();
        break;
    }
    return std::move(rules_);
  }

 private:
  void rule(const std::string& name, const std::string& body) {
    rules_ += name + ": " + body + "\n";
  }

  /// A mark in the tokens that the model knows: a grammar cannot spell special ones.
  [[nodiscard]] std::string text(std::string_view mark) const {
    std::vector<std::string> parts;
    const auto literal = [&](std::string_view plain) {
      if (!plain.empty()) parts.push_back(Json(plain).dump());
    };
    const auto tokens = tokenizer_.encode(mark, false, true);
    for (const TokenId token : tokens.ok() ? *tokens : std::vector<TokenId>()) {
      if (!tokenizer_.is_special(token)) continue;
      const std::string special = tokenizer_.token_bytes(token);
      const std::size_t at = mark.find(special);
      if (special.empty() || at == std::string_view::npos) continue;
      literal(mark.substr(0, at));
      parts.push_back(fmt::format("<[{}]>", token));
      mark.remove_prefix(at + special.size());
    }
    literal(mark);
    return fmt::format("{}", fmt::join(parts, " "));
  }

  std::string thought() {
    const std::string end = text(end_of_reasoning);
    if (end.starts_with('<')) return "/(.|\\n)*/ " + end + " /\\s*/";
    rule("thought[suffix=" + end + "]", "/(.|\\n)*/");
    return "thought /\\s*/";
  }

  std::string alternatives(std::string_view name) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < grammar_.tools.size(); ++i) {
      names.push_back(fmt::format("{}_{}", name, i));
    }
    return fmt::format("{}", fmt::join(names, " | "));
  }

  void write_json() {
    const std::string open = form_.is_bare ? "" : text(form_.open);
    std::string payload = "object";
    if (form_.is_array) {
      payload = grammar_.is_parallel ? R"("[" object (", " object)* "]")" : R"("[" object "]")";
    }
    rule("call", open + " " + payload + " " + text(form_.close));
    rule("object", alternatives("object"));
    for (std::size_t i = 0; i < grammar_.tools.size(); ++i) {
      rule(fmt::format("object_{}", i), json_rule(call_schema(grammar_.tools[i])));
    }
  }

  [[nodiscard]] Json call_schema(const Tool& tool) const {
    Json arguments = schema_of(tool);
    Json schema{{"type", "object"},
                {"properties", {{"name", {{"const", tool.name}}}}},
                {"required", {"name", form_.arguments_key}},
                {"additionalProperties", false}};
    // References in the tool's schema start at its root.
    for (const char* definitions : {"$defs", "definitions"}) {
      if (arguments.contains(definitions)) schema[definitions] = arguments[definitions];
    }
    schema["properties"][form_.arguments_key] = std::move(arguments);
    return schema;
  }

  void write_named() {
    rule("call", alternatives("call"));
    for (std::size_t i = 0; i < grammar_.tools.size(); ++i) {
      const Tool& tool = grammar_.tools[i];
      rule(fmt::format("call_{}", i),
           fmt::format("{} arguments_{} {}", text(form_.open + tool.name + form_.middle), i,
                       text(form_.close)));
      rule(fmt::format("arguments_{}", i), json_rule(schema_of(tool)));
    }
  }

  void write_gemma() {
    const std::string quote = text(form_.middle);
    rule("call", alternatives("call"));
    for (std::size_t i = 0; i < grammar_.tools.size(); ++i) {
      const Tool& tool = grammar_.tools[i];
      rule(fmt::format("call_{}", i),
           fmt::format("{} {} {}", text(form_.open + tool.name + "{"),
                       gemma_fields(schema_of(tool)), text("}" + form_.close)));
    }
    rule("string", quote + " /[^<]*/ " + quote);
    rule("number", "/-?(0|[1-9][0-9]*)(\\.[0-9]+)?/");
    rule("integer", "/-?(0|[1-9][0-9]*)/");
    rule("boolean", "\"true\" | \"false\"");
    rule("array", "\"[\" (value (\",\" value)*)? \"]\"");
    rule("object", "\"{\" (field (\",\" field)*)? \"}\"");
    rule("field", "/[A-Za-z0-9_.-]+/ \":\" value");
    rule("value", "string | number | boolean | \"null\" | array | object");
  }

  /// The schema's properties in its order: first all that are required, then any of the others.
  std::string gemma_fields(const Json& schema) {
    const Json properties = schema.value("properties", Json::object());
    if (properties.empty()) return "(field (\",\" field)*)?";
    const Json required = schema.value("required", Json::array());
    std::string first;
    std::vector<std::string> others;
    for (const auto& [name, property] : properties.items()) {
      const std::string field = Json(name + ":").dump() + " " + gemma_value(property);
      if (std::find(required.begin(), required.end(), name) == required.end()) {
        others.push_back(field);
      } else {
        first += (first.empty() ? "" : " \",\" ") + field;
      }
    }
    if (!first.empty()) {
      for (const std::string& field : others) first += " (\",\" " + field + ")?";
      return first;
    }
    // Nothing is required: each may be the first.
    std::vector<std::string> choices;
    for (std::size_t i = 0; i < others.size(); ++i) {
      std::string choice = others[i];
      for (std::size_t j = i + 1; j < others.size(); ++j) choice += " (\",\" " + others[j] + ")?";
      choices.push_back(std::move(choice));
    }
    return fmt::format("({})?", fmt::join(choices, " | "));
  }

  [[nodiscard]] std::string gemma_value(const Json& property) const {
    const Json choices = property.is_object() ? property.value("enum", Json()) : Json();
    if (choices.is_array() && !choices.empty()) {
      std::vector<std::string> texts;
      for (const Json& choice : choices) {
        const bool is_text = choice.is_string();
        texts.push_back(is_text ? text(form_.middle + choice.get<std::string>() + form_.middle)
                                : Json(choice.dump()).dump());
      }
      return fmt::format("({})", fmt::join(texts, " | "));
    }
    const Json type = property.is_object() ? property.value("type", Json()) : Json();
    for (const char* known : {"string", "number", "integer", "boolean", "array", "object"}) {
      if (type == known) return known;
    }
    return "value";
  }

  const ToolGrammar& grammar_;
  const ToolForm& form_;
  const Tokenizer& tokenizer_;
  std::string rules_;
};

}  // namespace

Constraint tool_constraint(const ToolGrammar& grammar, const Tokenizer& tokenizer) {
  return {Constraint::Kind::lark, GrammarWriter(grammar, tokenizer).write()};
}

}  // namespace tenfold
