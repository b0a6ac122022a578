#include "text/tool_grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "text/schema.h"

namespace tenfold {
namespace {

using Json = nlohmann::ordered_json;

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
    rule("start", grammar_.or_schema.empty() ? "calls" : "calls | answer");
    if (!grammar_.or_schema.empty()) {
      Json schema = Json::parse(grammar_.or_schema);
      drop_unknown_formats(schema);
      rule("answer", json_rule(std::move(schema)));
    }
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
      case ToolForm::Payload::parameters:
        write_elements();
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
    Json arguments = enforced_schema(tool);
    move_references(arguments, "/properties/" + form_.arguments_key);
    Json schema{{"type", "object"},
                {"properties", {{"name", {{"const", tool.name}}}}},
                {"required", {"name", form_.arguments_key}},
                {"additionalProperties", false}};
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
      rule(fmt::format("arguments_{}", i), json_rule(enforced_schema(tool)));
    }
  }

  void write_gemma() {
    const std::string quote = text(form_.middle);
    rule("call", alternatives("call"));
    for (std::size_t i = 0; i < grammar_.tools.size(); ++i) {
      const Tool& tool = grammar_.tools[i];
      rule(fmt::format("call_{}", i),
           fmt::format("{} {} {}", text(form_.open + tool.name + "{"),
                       gemma_fields(enforced_schema(tool)), text("}" + form_.close)));
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

  /// All properties that are required, in the schema's order, then any of the others.
  void write_elements() {
    rule("call", alternatives("call"));
    for (std::size_t i = 0; i < grammar_.tools.size(); ++i) {
      const Tool& tool = grammar_.tools[i];
      const Json schema = enforced_schema(tool);
      const Json required = schema.value("required", Json::array());
      std::string first;
      std::string others;
      int number = 0;
      const Json properties = schema.value("properties", Json::object());
      for (const auto& [name, property] : properties.items()) {
        const std::string element = fmt::format("element_{}_{}", i, number++);
        write_element(element, name, property, schema);
        const bool is_required =
            std::find(required.begin(), required.end(), name) != required.end();
        (is_required ? first : others) += " " + element + (is_required ? "" : "?");
      }
      rule(fmt::format("call_{}", i),
           text(form_.open + tool.name + form_.middle) + first + others + " " + text(form_.close));
    }
  }

  void write_element(const std::string& element, const std::string& name, const Json& property,
                     const Json& root) {
    const std::string open = text(form_.parameter_open + name + form_.parameter_middle);
    const std::string close = text(form_.parameter_close);
    const bool is_object = property.is_object();
    const Json choices = is_object ? property.value("enum", Json()) : Json();
    if (choices.is_array() && !choices.empty()) {
      std::vector<std::string> texts;
      for (const Json& choice : choices) {
        // Data, even where it reads like a mark.
        texts.push_back(
            Json(choice.is_string() ? choice.get<std::string>() : choice.dump()).dump());
      }
      return rule(element, fmt::format("{} ({}) {}", open, fmt::join(texts, " | "), close));
    }
    if (is_object && property.value("type", Json()) == "string") {
      // Anything up to the mark that ends it.
      if (close.find("<[") != std::string::npos)
        return rule(element, open + " /(.|\\n)*/ " + close);
      rule(element + "_text[suffix=" + close + "]", "/(.|\\n)*/");
      return rule(element, open + " " + element + "_text");
    }
    Json value = is_object ? property : Json::object();
    Json whole = root;
    move_references(value, "/$defs/tool");
    move_references(whole, "/$defs/tool");
    if (value.dump().find("\"$ref\"") != std::string::npos) {
      if (!value["$defs"].is_object()) value["$defs"] = Json::object();
      value["$defs"]["tool"] = std::move(whole);
    }
    rule(element, open + " " + json_rule(std::move(value)) + " " + close);
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
