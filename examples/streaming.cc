// Text that is shown as it is written, and an answer that is stopped.
#include <fmt/format.h>

#include <stop_token>

#include "example.h"

namespace {

using namespace tenfold;

Result<void> stream(Engine& engine, std::string question) {
  Request request;
  request.prompt = std::vector<Message>{{"user", std::move(question)}};
  request.max_tokens = 100;
  request.sampling.temperature = 0;  // the likeliest words, each time the same
  const Answer whole =
      TRY(engine.stream(request, [](const Delta& delta) { fmt::print("{}", delta.text); }));
  fmt::print("\n[{}: {} tokens, {:.1f} a second]\n", to_string(whole.finish),
             whole.usage.generated_tokens, whole.usage.decode_tokens_per_second());

  // Another thread could stop it as well: a button, a signal, a client that has gone. What has
  // ended by then is whole.
  std::stop_source stop;
  const auto stop_soon = [&](const Delta& delta) {
    fmt::print("{}", delta.text);
    stop.request_stop();
  };
  const Answer begun = TRY(engine.stream(request, stop_soon, stop.get_token()));
  fmt::print("\n[{}: {} tokens]\n", to_string(begun.finish), begun.usage.generated_tokens);
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  return tenfold::run_example(count, arguments, stream, "Count from one to ten.");
}
