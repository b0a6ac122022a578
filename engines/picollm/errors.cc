#include "errors.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "engine/options.h"

namespace tenfold::picollm {
namespace {

constexpr std::string_view console = "https://console.picovoice.ai";

struct Meaning {
  ErrorCode code;
  std::string hint;
};

bool is_about_device(std::string_view words) {
  return words.find("device") != std::string_view::npos;
}

std::string_view doing(Action action) {
  switch (action) {
    case Action::load:
      return "load";
    case Action::answer:
      return "answer with";
    case Action::evaluate:
      return "evaluate tokens with";
    case Action::load_context:
      return "go on with the context in";
    case Action::save_context:
      return "save the context in";
    case Action::embed:
      break;
  }
  return "make embeddings with";
}

Meaning wrong_device(const Circumstance& when) {
  return {ErrorCode::invalid_argument,
          fmt::format("the engine option device is {}; this machine has {}", when.device,
                      when.devices.empty() ? "cpu" : when.devices)};
}

/// The file could be opened before, so its content is wrong; but of arguments the library does not
/// tell which it means, and the AccessKey is one.
Meaning unreadable_model(bool or_key) {
  return {ErrorCode::bad_model,
          fmt::format("download the .pllm file again from {}{}", console,
                      or_key ? "; if it is whole, copy the AccessKey again from there" : "")};
}

/// Statuses that say that the call has failed; the library tells no more of why.
bool is_of_call(Status status) {
  return status != Status::out_of_memory && status < Status::activation_error;
}

Meaning bad_context(Action action) {
  constexpr const char* without =
      "if this model has no context caching, leave out picollm.context_folder";
  if (action == Action::save_context) {
    return {ErrorCode::io,
            fmt::format("check the folder's owner, mode and free space; {}", without)};
  }
  return {ErrorCode::io,
          fmt::format("it is damaged, or of another model or version of the library: move it away "
                      "or delete it to begin anew; {}",
                      without)};
}

Meaning meaning_of(Status status, std::string_view words, const Circumstance& when) {
  const bool is_context =
      when.action == Action::load_context || when.action == Action::save_context;
  if (is_context && is_of_call(status)) return bad_context(when.action);
  const bool loads = when.action == Action::load;
  switch (status) {
    case Status::out_of_memory:
      return {ErrorCode::out_of_memory, "choose a smaller model, or end other programs"};
    case Status::io_error:
      if (loads) return unreadable_model(false);
      return {ErrorCode::io, "try again; if it stays so, load the model again"};
    case Status::invalid_argument:
      if (words.find("ccess") != std::string_view::npos) {  // "AccessKey", "`access_key`"
        return {ErrorCode::license, fmt::format("copy the AccessKey again from {}", console)};
      }
      if (loads) return is_about_device(words) ? wrong_device(when) : unreadable_model(true);
      if (when.action == Action::embed) break;
      return {ErrorCode::invalid_argument, "change the value that it names"};
    case Status::invalid_state:
      if (when.action == Action::embed) break;
      return {ErrorCode::internal, "load the model again"};
    case Status::runtime_error:
      if (loads && is_about_device(words)) return wrong_device(when);
      return {ErrorCode::internal, "load the model again"};
    case Status::activation_error:
      return {ErrorCode::network, let_it_reach_the_server};
    case Status::activation_limit_reached:
      return {ErrorCode::license,
              fmt::format("the AccessKey's quota is used up: see the plan at {}, or wait until it "
                          "is renewed",
                          console)};
    case Status::activation_throttled:
      return {ErrorCode::license,
              "Picovoice's server has had too many requests with this AccessKey: wait some "
              "minutes, then try again"};
    case Status::activation_refused:
      return {ErrorCode::license,
              fmt::format("Picovoice refuses this AccessKey: copy it again from {}, or make a new "
                          "one there",
                          console)};
    default:
      return {ErrorCode::internal, "load the model again"};
  }
  return {ErrorCode::unsupported, "use an embedding model, such as embeddinggemma-300m"};
}

}  // namespace

Error explain(Status status, std::string_view name, std::string_view words,
              const Circumstance& when) {
  const Meaning meaning = meaning_of(status, words, when);
  std::string message = fmt::format("picoLLM cannot {} {}: ", doing(when.action), when.model);
  message += words.empty() ? std::string(name) : fmt::format("{} ({})", words, name);
  return fail(meaning.code, std::move(message), meaning.hint);
}

std::string last_words(const Api& api, std::string_view access_key) {
  char** messages = nullptr;
  std::int32_t depth = 0;
  if (api.get_error_stack(&messages, &depth) != Status::success || messages == nullptr) return {};
  std::string words;
  for (std::int32_t i = 0; i < depth; ++i) {
    if (messages[i] == nullptr) continue;
    std::string_view text = messages[i];
    while (text.ends_with('.') || text.ends_with('\n')) text.remove_suffix(1);
    words += (words.empty() ? "" : "; ") + std::string(text);
  }
  api.free_error_stack(messages);
  const std::string secret(access_key);
  return secret.empty() ? words : without_secrets(std::move(words), {&secret, 1});
}

std::string list_devices(const Api& api) {
  char** devices = nullptr;
  std::int32_t count = 0;
  const Status status = api.picollm_list_hardware_devices(&devices, &count);
  // It also speaks of the devices that it did not find, as if something had failed.
  (void)last_words(api, {});
  if (status != Status::success) return {};
  const std::vector<std::string> names(devices, devices + count);
  api.picollm_free_hardware_devices(devices, count);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace tenfold::picollm
