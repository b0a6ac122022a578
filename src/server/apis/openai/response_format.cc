#include "server/apis/openai/response_format.h"

#include <utility>

#include "engine/sampling.h"
#include "server/apis/wording.h"

namespace tenfold::server::openai {
namespace {

Json reasoning_item(const std::string& id, std::string_view status, Json content) {
  return {{"type", "reasoning"},
          {"id", id},
          {"status", status},
          {"summary", Json::array()},
          {"content", std::move(content)}};
}

Json message_item(const std::string& id, std::string_view status, Json content) {
  return {{"type", "message"},
          {"id", id},
          {"status", status},
          {"role", "assistant"},
          {"content", std::move(content)}};
}

Json call_item(const std::string& id, std::string_view status, const ToolCall& call,
               const std::string& arguments) {
  return {{"type", "function_call"}, {"id", id},          {"status", status},
          {"call_id", call.id},      {"name", call.name}, {"arguments", arguments}};
}

Json reasoning_part(const std::string& text) {
  return {{"type", "reasoning_text"}, {"text", text}};
}

Json text_part(const std::string& text, Json logprobs) {
  return {{"type", "output_text"},
          {"text", text},
          {"annotations", Json::array()},
          {"logprobs", std::move(logprobs)}};
}

bool is_complete(FinishReason reason) { return finish_reason(reason) != "length"; }

Json response_usage_json(const Answer& answer) {
  const Usage& usage = answer.usage;
  Json json{
      {"input_tokens", usage.prompt_tokens},
      {"input_tokens_details", {{"cached_tokens", usage.cached_tokens}, {"cache_write_tokens", 0}}},
      {"output_tokens", usage.generated_tokens},
      {"total_tokens", usage.prompt_tokens + usage.generated_tokens},
      {"dropped_tokens", usage.dropped_tokens}};
  json["output_tokens_details"] = {{"reasoning_tokens", usage.thought_tokens}};
  return json;
}

}  // namespace

ResponseFormat::ResponseFormat(const ResponseFields& fields)
    : id_(new_id("resp_")),
      model_(fields.use.model),
      created_(unix_time()),
      with_logprobs_(fields.request.logprobs.has_value()),
      echo_(fields.echo) {}

Json ResponseFormat::frame(std::string_view status) const {
  Json json = echo_;
  const ResolvedSampling in_force = resolve_sampling(asked_, loaded_.info.sampling);
  const bool decided = !loaded_.engine.empty();
  json["temperature"] = decided || asked_.temperature ? Json(in_force.temperature) : Json();
  json["top_p"] = decided || asked_.top_p ? Json(in_force.top_p) : Json();
  json.update({{"id", id_},
               {"object", "response"},
               {"created_at", created_},
               {"status", status},
               {"model", model_},
               {"output", output_},
               {"error", nullptr},
               {"incomplete_details", nullptr},
               {"previous_response_id", nullptr},
               {"background", false},
               {"store", false},
               {"service_tier", "default"},
               {"truncation", "disabled"},
               {"usage", nullptr}});
  return json;
}

Json ResponseFormat::ended(const Answer& answer) const {
  const bool complete = is_complete(answer.finish);
  Json json = frame(complete ? "completed" : "incomplete");
  if (!complete) json["incomplete_details"] = {{"reason", "max_output_tokens"}};
  json["completed_at"] = unix_time();
  json["usage"] = response_usage_json(answer);
  json["tenfold"] = details_json(loaded_, answer);
  json["tenfold"]["note"] = "not stored: send the conversation as input to go on";
  return json;
}

std::string ResponseFormat::event(std::string_view type, Json data) {
  data["type"] = type;
  data["sequence_number"] = sequence_++;
  return sse(type, data);
}

std::string ResponseFormat::part_event(std::string_view type, Json data) {
  data["item_id"] = item_id_;
  data["output_index"] = output_.size();
  data["content_index"] = 0;
  return event(type, std::move(data));
}

std::string ResponseFormat::begin() {
  std::string out = event("response.created", {{"response", frame("in_progress")}});
  return out + event("response.in_progress", {{"response", frame("in_progress")}});
}

std::string ResponseFormat::add(Item kind, const std::string& text, const Json& logprobs) {
  if (text.empty()) return {};
  const bool reasons = kind == Item::reasoning;
  std::string out;
  if (open_ != kind) {
    out = close();
    open_ = kind;
    item_id_ = new_id(reasons ? "rs_" : "msg_");
    const auto make = reasons ? reasoning_item : message_item;
    out += event(
        "response.output_item.added",
        {{"output_index", output_.size()}, {"item", make(item_id_, "in_progress", Json::array())}});
    Json part = reasons ? reasoning_part("") : text_part("", Json::array());
    out += part_event("response.content_part.added", {{"part", std::move(part)}});
  }
  text_ += text;
  Json data{{"delta", text}};
  if (!reasons) data["logprobs"] = logprobs;
  return out + part_event(reasons ? "response.reasoning_text.delta" : "response.output_text.delta",
                          std::move(data));
}

std::string ResponseFormat::close() {
  if (open_ == Item::none) return {};
  const bool reasons = std::exchange(open_, Item::none) == Item::reasoning;
  const std::string text = std::exchange(text_, {});
  const Json part = reasons ? reasoning_part(text) : text_part(text, logprobs_);
  Json data{{"text", text}};
  if (!reasons) data["logprobs"] = logprobs_;
  std::string out = part_event(
      reasons ? "response.reasoning_text.done" : "response.output_text.done", std::move(data));
  out += part_event("response.content_part.done", {{"part", part}});
  const auto make = reasons ? reasoning_item : message_item;
  const Json item = make(item_id_, "completed", Json::array({part}));
  out += event("response.output_item.done", {{"output_index", output_.size()}, {"item", item}});
  output_.push_back(item);
  return out;
}

std::string ResponseFormat::add_call(const ToolCall& call) {
  std::string out = close();
  item_id_ = new_id("fc_");
  const std::size_t index = output_.size();
  out += event("response.output_item.added",
               {{"output_index", index}, {"item", call_item(item_id_, "in_progress", call, "")}});
  out += event("response.function_call_arguments.delta",
               {{"item_id", item_id_}, {"output_index", index}, {"delta", call.arguments}});
  out += event("response.function_call_arguments.done", {{"item_id", item_id_},
                                                         {"output_index", index},
                                                         {"name", call.name},
                                                         {"arguments", call.arguments}});
  output_.push_back(call_item(item_id_, "completed", call, call.arguments));
  return out +
         event("response.output_item.done", {{"output_index", index}, {"item", output_.back()}});
}

std::string ResponseFormat::delta(std::size_t /*choice*/, const Delta& delta) {
  Json logprobs = Json::array();
  if (with_logprobs_) logprobs = logprobs_json(delta.logprobs);
  std::string out = add(Item::reasoning, delta.reasoning, {});
  out += add(Item::message, delta.text, logprobs);
  for (Json& entry : logprobs) logprobs_.push_back(std::move(entry));
  for (const ToolCall& call : delta.tool_calls) out += add_call(call);
  return out;
}

/// An event that clients know and that may come again.
std::string ResponseFormat::notice(const Notice& notice) {
  Json response = frame("in_progress");
  response["tenfold"] = {{"notice", notice.text}};
  return event("response.in_progress", {{"response", std::move(response)}});
}

std::string ResponseFormat::end(std::size_t /*choice*/, const Answer& answer) {
  std::string out = close();
  const bool complete = is_complete(answer.finish);
  return out + event(complete ? "response.completed" : "response.incomplete",
                     {{"response", ended(answer)}});
}

std::string ResponseFormat::failure(const Error& error) {
  std::string out = close();
  Json response = frame("failed");
  response["error"] = {{"code", "server_error"}, {"message", error.message}};
  response["tenfold"] = {{"error", to_json(error)}};
  return out + event("response.failed", {{"response", std::move(response)}});
}

Json ResponseFormat::whole(std::span<const Answer> answers) {
  const Answer& answer = answers.front();
  if (!answer.reasoning.empty()) {
    Json content = Json::array({reasoning_part(answer.reasoning)});
    output_.push_back(reasoning_item(new_id("rs_"), "completed", std::move(content)));
  }
  if (!answer.text.empty()) {
    Json content = Json::array({text_part(answer.text, logprobs_json(answer.logprobs))});
    output_.push_back(message_item(new_id("msg_"), "completed", std::move(content)));
  }
  for (const ToolCall& call : answer.tool_calls) {
    output_.push_back(call_item(new_id("fc_"), "completed", call, call.arguments));
  }
  return ended(answer);
}

}  // namespace tenfold::server::openai
