// The C functions of the stand-in.
#include "stand_in.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

#include "stand_in_model.h"

namespace tenfold::picollm {
namespace {

thread_local std::vector<std::string> messages;

Status failed(Status status, std::string cause) {
  messages = {"Picovoice Error.", std::move(cause)};
  return status;
}

char* copy(const std::string& text) { return ::strdup(text.c_str()); }

template <typename T>
T* copy(const std::vector<T>& values) {
  auto* made = static_cast<T*>(std::malloc(std::max<std::size_t>(1, values.size() * sizeof(T))));
  std::copy(values.begin(), values.end(), made);
  return made;
}

char** copy_texts(const std::vector<std::string>& texts) {
  std::vector<char*> made;
  for (const std::string& text : texts) made.push_back(copy(text));
  made.push_back(nullptr);
  return copy(made);
}

void free_texts(char** texts, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) std::free(texts[i]);
  std::free(static_cast<void*>(texts));
}

ScoredToken scored(const std::string& text, float log_probability) {
  return {copy(text), log_probability};
}

std::vector<CompletionToken> listed(const stand_in::Written& written, std::int32_t choices) {
  std::vector<CompletionToken> list;
  for (const std::string& token : written.tokens) {
    std::vector<ScoredToken> top{scored(token, -0.5F)};
    for (std::int32_t i = 1; i < choices; ++i) {
      top.push_back(scored("other" + std::to_string(i), -1.0F - static_cast<float>(i)));
    }
    if (choices == 0) {
      std::free(top[0].text);
      top.clear();
    }
    list.push_back({scored(token, -0.5F), static_cast<std::int32_t>(top.size()), copy(top)});
  }
  return list;
}

Status check_device(std::string_view device) {
  if (device == "best" || device == "cpu") return Status::success;
  if (device.starts_with("gpu")) {
    return failed(Status::runtime_error, "Failed to communicate with device.");
  }
  const std::string_view count = device.substr(std::min<std::size_t>(device.size(), 4));
  const bool is_count = !count.empty() && count.find_first_not_of("0123456789") == count.npos;
  if (device.starts_with("cpu:") && is_count) return Status::success;
  return failed(Status::invalid_argument, std::string(device) + " is not a valid device string");
}

}  // namespace
}  // namespace tenfold::picollm

using namespace tenfold::picollm;

extern "C" {
#pragma GCC visibility push(default)

// Held to the prototypes that the engine uses.
#define TENFOLD_PICOLLM_DECLARE(result, name, ...) result pv_##name(__VA_ARGS__);
TENFOLD_PICOLLM_FUNCTIONS(TENFOLD_PICOLLM_DECLARE)
#undef TENFOLD_PICOLLM_DECLARE

// As there, the words are told once.
Status pv_get_error_stack(char*** stack, std::int32_t* depth) {
  if (messages.empty()) return Status::invalid_state;
  *stack = copy_texts(messages);
  *depth = static_cast<std::int32_t>(messages.size());
  messages.clear();
  return Status::success;
}

void pv_free_error_stack(char** stack) {
  for (char** text = stack; *text != nullptr; ++text) std::free(*text);
  std::free(static_cast<void*>(stack));
}

const char* pv_status_to_string(Status status) {
  static const char* const names[] = {"SUCCESS",
                                      "OUT_OF_MEMORY",
                                      "IO_ERROR",
                                      "INVALID_ARGUMENT",
                                      "STOP_ITERATION",
                                      "KEY_ERROR",
                                      "INVALID_STATE",
                                      "RUNTIME_ERROR",
                                      "ACTIVATION_ERROR",
                                      "ACTIVATION_LIMIT_REACHED",
                                      "ACTIVATION_THROTTLED",
                                      "ACTIVATION_REFUSED"};
  const auto index = static_cast<std::size_t>(status);
  return index < std::size(names) ? names[index] : nullptr;
}

const char* pv_picollm_version() { return "stand-in"; }
std::int32_t pv_picollm_max_top_choices() { return 128; }

// As there, it also speaks of devices that it did not find.
Status pv_picollm_list_hardware_devices(char*** devices, std::int32_t* count) {
  messages = {"Failed to communicate with device."};
  *devices = copy_texts({"cpu:[0-64] - stand-in"});
  *count = 1;
  return Status::success;
}

void pv_picollm_free_hardware_devices(char** devices, std::int32_t count) {
  free_texts(devices, static_cast<std::size_t>(count));
}

Status pv_picollm_init(const char* access_key, const char* path, const char* device,
                       bool context_caching, Object** object) {
  if (access_key == nullptr) {
    return failed(Status::invalid_argument, "Argument `access_key` is NULL.");
  }
  if (const Status status = check_device(device); status != Status::success) return status;
  auto* made = new Object;
  made->access_key = access_key;
  made->caches = context_caching;
  const std::string_view key = access_key;
  if (key.starts_with(stand_in::slow_key)) std::this_thread::sleep_for(std::chrono::seconds(2));
  if (key.starts_with(stand_in::stuck_key)) std::this_thread::sleep_for(std::chrono::hours(1));
  Status status = stand_in::read_model(path, *made);
  if (status != Status::success) {
    status = failed(status, "Failed to read from file.");
  } else if (key.starts_with(stand_in::status_key)) {
    status = failed(static_cast<Status>(std::atoi(access_key + stand_in::status_key.size())),
                    "Key `" + made->access_key + "` was not accepted.");
  }
  if (status == Status::success) {
    *object = made;
  } else {
    delete made;
  }
  return status;
}

void pv_picollm_delete(Object* object) { delete object; }

Status pv_picollm_model(const Object* object, const char** name) {
  *name = object->name.c_str();
  return Status::success;
}

Status pv_picollm_context_length(const Object* object, std::int32_t* length) {
  *length = object->context;
  return Status::success;
}

Status pv_picollm_tokenize(const Object*, const char* text, bool begin, bool, std::int32_t* count,
                           std::int32_t** tokens) {
  const auto made = stand_in::tokenize(text, begin);
  *tokens = copy(made);
  *count = static_cast<std::int32_t>(made.size());
  return Status::success;
}

void pv_picollm_delete_tokens(std::int32_t* tokens) { std::free(tokens); }

Status pv_picollm_generate(Object* object, const char* prompt, std::int32_t limit,
                           const char* const* stop, std::int32_t stop_count, std::int32_t seed,
                           float, float frequency_penalty, float temperature, float,
                           std::int32_t choices, StreamCallback stream, void* context,
                           TokenCounts* counts, Endpoint* endpoint, CompletionToken** tokens,
                           std::int32_t* token_count, char** completion) {
  const std::string_view text = prompt;
  const auto asked = [&](std::string_view word) { return text.find(word) != text.npos; };
  if (asked(stand_in::fails)) return failed(Status::invalid_state, "It is out of order.");
  if (frequency_penalty < 0) {
    return failed(Status::invalid_argument, "`frequency_penalty` should be positive.");
  }
  const stand_in::Wish wish{
      prompt, limit, {stop, stop + stop_count}, static_cast<std::uint64_t>(seed), temperature};
  stand_in::Written written;
  // The callback comes from a thread that is not the caller's.
  std::thread([&] { written = write_answer(*object, wish, stream, context); }).join();
  counts->prompt = static_cast<std::int32_t>(stand_in::tokenize(text, true).size());
  counts->completion = static_cast<std::int32_t>(written.tokens.size());
  *endpoint = written.endpoint;
  *completion = copy(written.text);
  const auto list = listed(written, choices);
  *tokens = copy(list);
  *token_count = static_cast<std::int32_t>(list.size());
  if (asked(stand_in::wrong_endpoint)) *endpoint = static_cast<Endpoint>(7);
  if (asked(stand_in::negative_count)) counts->completion = -1;
  if (asked(stand_in::no_text)) {
    std::free(*completion);
    *completion = nullptr;
  }
  if (asked(stand_in::no_tokens)) {
    pv_picollm_delete_completion_tokens(*tokens, *token_count);
    *tokens = nullptr;
  }
  if (asked(stand_in::no_choices)) {
    CompletionToken& first = **tokens;
    for (std::int32_t i = 0; i < first.choice_count; ++i) std::free(first.choices[i].text);
    std::free(std::exchange(first.choices, nullptr));
    first.choice_count = 5;
  }
  return Status::success;
}

void pv_picollm_delete_completion_tokens(CompletionToken* tokens, std::int32_t count) {
  for (std::int32_t i = 0; i < count; ++i) {
    std::free(tokens[i].token.text);
    for (std::int32_t j = 0; tokens[i].choices != nullptr && j < tokens[i].choice_count; ++j) {
      std::free(tokens[i].choices[j].text);
    }
    std::free(tokens[i].choices);
  }
  std::free(tokens);
}

void pv_picollm_delete_completion(char* text) { std::free(text); }

Status pv_picollm_interrupt(Object* object) {
  if (object->is_generating) object->is_interrupted = true;
  return Status::success;
}

Status pv_picollm_reset(Object* object) {
  object->sequence.clear();
  object->remembered.clear();
  return Status::success;
}

Status pv_picollm_context_load(Object* object, const char* path) {
  const Status status = stand_in::load_context(path, *object);
  return status == Status::success ? status : failed(status, "The context cannot be loaded.");
}

Status pv_picollm_context_save(Object* object, const char* path) {
  const Status status = stand_in::save_context(path, *object);
  return status == Status::success ? status : failed(status, "The context cannot be saved.");
}

Status pv_picollm_forward(Object* object, std::int32_t token, std::int32_t* count, float** logits) {
  if (token < 0 || token >= stand_in::vocabulary_size) {
    return failed(Status::invalid_argument, "`token` is out of range.");
  }
  object->sequence.push_back(token);
  std::vector<float> row(stand_in::vocabulary_size, 0.0F);
  // The next id is likely, and the more so the longer the sequence is.
  row[static_cast<std::size_t>((token + 1) % stand_in::vocabulary_size)] =
      static_cast<float>(object->sequence.size());
  *logits = copy(row);
  *count = stand_in::vocabulary_size;
  return Status::success;
}

void pv_picollm_delete_logits(float* logits) { std::free(logits); }

Status pv_picollm_generate_embeddings(Object* object, const char* text, std::int32_t* count,
                                      float** values) {
  if (object->name.ends_with("text-only")) {
    return failed(Status::invalid_state, "The model does not generate embeddings.");
  }
  std::vector<float> made;
  for (const std::int32_t token : stand_in::tokenize(text, true)) {
    made.resize(8);
    made[static_cast<std::size_t>(token) % 8] += static_cast<float>(token);
  }
  *values = copy(made);
  *count = static_cast<std::int32_t>(made.size());
  return Status::success;
}

void pv_picollm_delete_embeddings(float* values) { std::free(values); }

#pragma GCC visibility pop
}  // extern "C"
