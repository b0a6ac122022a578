// The library's statuses as errors that say what to do next.
#pragma once

#include <string>
#include <string_view>

#include "api.h"

namespace tenfold::picollm {

/// What to do where the server that checks AccessKeys does not answer.
constexpr const char* let_it_reach_the_server =
    "picoLLM asks Picovoice's server whether the AccessKey is valid: connect this machine to the "
    "internet, let it reach kmp1.picovoice.net, then try again";

enum class Action { load, answer, evaluate, embed, load_context, save_context };

/// What an error is about.
struct Circumstance {
  Action action = Action::load;
  std::string model;    ///< the file while it loads, then the model's name; of a context, its file
  std::string device;   ///< as the library was told
  std::string devices;  ///< those that this machine has, for the hint
};

/// `words` are the library's own, and may be empty. `status` is anything but success.
Error explain(Status status, std::string_view name, std::string_view words,
              const Circumstance& when);

/// What the library says of its last failure, from the outermost message to the cause. The
/// AccessKey, which its messages may quote, is taken out.
std::string last_words(const Api& api, std::string_view access_key);

/// "cpu:[0-2] - CPU (2 threads)": what the library calls the devices of this machine; empty if it
/// cannot tell.
std::string list_devices(const Api& api);

}  // namespace tenfold::picollm
