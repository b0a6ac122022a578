// A stand-in for Apple's bridge, with the same functions: its model writes words. It is ours, and
// knows nothing of the Foundation Models framework. Words in a prompt make it misbehave:
//   !status=N     ends with that status
//   !never-ends   but by its limit or an end of the stream
//   !is-slow      likewise, 10 ms a word
//   !obeys-late   goes on for a while after it was cancelled
//   !no-json      gives an object that is none
//   !crashes      ends the process
//   !changes      writes something else in place of what it had written
//   !calls=N      calls the first tool N times at once; 0: no tool
//   !no-object    calls it without arguments
// A model with tools calls the first one before it answers, unless results are there already.
// TENFOLD_STAND_IN_UNAVAILABLE=N in the environment: the model cannot be had, for reason N.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <random>
#include <sstream>
#include <thread>

#include "things.h"

namespace tenfold::apple_foundation {
namespace {

constexpr int context_size = 256;
constexpr int usual_length = 12;
constexpr const char* words[] = {"the ", "sea ", "is ", "blue ", "and ", "the ", "hills ", "are "};

int count(const std::string& text) {
  std::istringstream stream(text);
  int tokens = 0;
  for (std::string word; stream >> word;) ++tokens;
  return tokens;
}

/// N of "!name=N".
int number_of(const std::string& prompt, std::string_view mark, int otherwise) {
  const std::size_t at = prompt.find(mark);
  return at == std::string::npos ? otherwise : std::atoi(prompt.c_str() + at + mark.size());
}

Status wanted_status(const std::string& prompt) {
  return static_cast<Status>(number_of(prompt, "!status=", 0));
}

/// A value that fits a schema of the dialect.
Json fitting(const Json& schema) {
  const std::string type = schema.value("type", "");
  if (schema.contains("enum")) return schema["enum"][0];
  if (type == "integer") return schema.value("minimum", 1);
  if (type == "number") return schema.value("minimum", 0.5);
  if (type == "boolean") return true;
  if (type == "array") return Json::array({fitting(schema["items"])});
  if (type != "object") return "words";
  Json object = Json::object();
  for (const std::string field : schema["x-order"])
    object[field] = fitting(schema["properties"][field]);
  return object;
}

/// Returns once all calls are finished.
void call_tools(const Tools& tools, const std::string& prompt) {
  if (tools.empty()) return;
  const std::string arguments = prompt.find("!no-object") != std::string::npos
                                    ? "[]"
                                    : fitting(tools.front()->parameters).dump();
  tools.front()->call(arguments, number_of(prompt, "!calls=", 1));
}

void write(const std::string& prompt, const Json& options, const Tools& tools,
           const std::atomic<bool>& is_cancelled, TextCallback callback, void* context) {
  call_tools(tools, prompt);
  const bool is_greedy = options["sampling"]["mode"] == "greedy";
  std::mt19937_64 random(is_greedy ? 0 : options["sampling"]["seed"].get<std::uint64_t>());
  const auto has = [&](const char* mark) { return prompt.find(mark) != std::string::npos; };
  if (has("!crashes")) std::abort();
  int late_words = has("!obeys-late") ? 30 : 0;
  const bool is_slow = has("!is-slow");
  const bool is_endless = is_slow || has("!never-ends") || has("!obeys-late");
  const int limit = std::min(options["maximum_response_tokens"].get<int>(),
                             is_endless ? context_size : usual_length);
  std::string text;
  for (int i = 0; i < limit; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(is_slow ? 10 : 1));
    if (is_cancelled && late_words-- <= 0) {
      return callback(Status::unknown, "Stream cancelled", 16, context);
    }
    text += words[(prompt.size() + random()) % std::size(words)];
    if (i == 3 && has("!changes")) text = "something else entirely so";
    callback(Status::success, text.c_str(), text.size(), context);
  }
  const Status status = wanted_status(prompt);
  if (status == Status::success) return callback(status, nullptr, 0, context);
  callback(status, "so it is", 8, context);
}

bool is_in_dialect(const Json& schema) {
  return schema.is_object() && schema.contains("title") && schema.contains("x-order");
}

void fill(const std::string& schema, const std::string& prompt, const Tools& tools,
          const std::atomic<bool>& is_cancelled, ContentCallback callback, void* context) {
  call_tools(tools, prompt);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const Json parsed = Json::parse(schema, nullptr, false);
  Status status = is_in_dialect(parsed) ? wanted_status(prompt) : Status::invalid_schema;
  while (prompt.find("!never-ends") != std::string::npos && !is_cancelled) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (is_cancelled) status = Status::unknown;
  std::string text = status == Status::success ? fitting(parsed).dump() : "\"so it is\"";
  if (prompt.find("!no-json") != std::string::npos) text = "{so";
  callback(status, give(new Content(text)), context);
}

}  // namespace
}  // namespace tenfold::apple_foundation

using namespace tenfold::apple_foundation;

extern "C" {
#pragma GCC visibility push(default)

Ref FMSystemLanguageModelGetDefault() { return give(new Model); }

bool FMSystemLanguageModelIsAvailable(Ref, Unavailable* reason) {
  const char* why = std::getenv("TENFOLD_STAND_IN_UNAVAILABLE");
  if (why != nullptr) *reason = static_cast<Unavailable>(std::atoi(why));
  return why == nullptr;
}

int FMSystemLanguageModelGetContextSize(Ref) { return context_size; }

Ref FMSystemLanguageModelTokenCountForPrompt(Ref, Ref prompt, void* context,
                                             CountCallback callback) {
  std::thread(callback, Status::success, count(as<Prompt>(prompt).text), nullptr, context).detach();
  return give(new Running);
}

Ref FMSystemLanguageModelTokenCountForTranscript(Ref, Ref session, void* context,
                                                 CountCallback callback) {
  callback(Status::success, count(as<Session>(session).text), nullptr, context);
  return give(new Running);
}

Ref FMComposedPromptInitialize() { return give(new Prompt); }

void FMComposedPromptAddText(Ref prompt, const char* text) {
  const_cast<Prompt&>(as<Prompt>(prompt)).text += text;
}

Ref FMTranscriptCreateFromJSONString(const char* json, int* code, char** failure) {
  const Json transcript = Json::parse(json, nullptr, false);
  if (transcript.value("type", "") != "FoundationModels.Transcript") {
    *code = static_cast<int>(Status::decoding_failure);
    *failure = ::strdup("it is no transcript");
    return nullptr;
  }
  auto* session = new Session;
  for (const Json& entry : transcript["transcript"]["entries"]) {
    session->text += entry["role"].get<std::string>() + ": ";
    session->has_results = entry["role"] == "tool";
    if (entry.contains("tools")) session->defined_tools = entry["tools"].size();
    if (entry.contains("toolCalls")) session->text += entry["toolCalls"].dump() + "\n";
    for (const Json& content : entry.value("contents", Json::array())) {
      session->text += content["text"].get<std::string>() + "\n";
    }
  }
  return give(session);
}

Ref FMLanguageModelSessionCreateFromTranscript(Ref transcript, Ref, Ref* tools, int count) {
  auto* session = new Session(as<Session>(transcript));
  // Without their definitions the model would not know of them.
  const bool are_known = session->defined_tools == static_cast<std::size_t>(count);
  for (int i = 0; i < count && are_known && !session->has_results; ++i) {
    session->tools.push_back(as<BridgedTool>(tools[i]).state);
  }
  return give(session);
}

Ref FMLanguageModelSessionStreamResponse(Ref session, Ref prompt, const char* options) {
  auto* stream = new Stream;
  stream->prompt = as<Session>(session).text + as<Prompt>(prompt).text;
  stream->options = Json::parse(options);
  stream->tools = as<Session>(session).tools;
  return give(stream);
}

void FMLanguageModelSessionResponseStreamIterate(Ref stream, void* context, TextCallback callback) {
  const auto& from = as<Stream>(stream);
  std::thread([prompt = from.prompt, options = from.options, tools = from.tools,
               is_cancelled = from.is_cancelled, callback, context] {
    write(prompt, options, tools, *is_cancelled, callback, context);
  }).detach();
}

Ref FMLanguageModelSessionRespondWithSchemaFromJSON(Ref session, Ref prompt, const char* schema,
                                                    const char*, void* context,
                                                    ContentCallback callback) {
  auto* task = new Running;
  std::thread([schema = std::string(schema), text = as<Prompt>(prompt).text,
               tools = as<Session>(session).tools, is_cancelled = task->is_cancelled, callback,
               context] {
    fill(schema, text, tools, *is_cancelled, callback, context);
  }).detach();
  return give(task);
}

char* FMGeneratedContentGetJSONString(Ref content) {
  return ::strdup(as<Content>(content).json.c_str());
}

void FMTaskCancel(Ref task) { *as<Running>(task).is_cancelled = true; }

void FMRelease(Ref object) { delete static_cast<const Thing*>(object); }
void FMFreeString(char* text) { std::free(text); }

#pragma GCC visibility pop
}  // extern "C"
