// What all examples begin with: a model, by its name or path, opened with an engine.
#pragma once

#include <cstdio>

#include "service/service.h"

namespace tenfold {

/// The engine runs in a process of its own, so that its crash costs an answer and not the program.
inline Result<OpenedModel> open(const char* engine, const char* model) {
  ModelStore store;
  return open_choice(TRY(choose_engine(store, model, engine)));
}

/// A main(): EXAMPLE ENGINE MODEL [QUESTION]. An error's hint says what to do about it.
inline int run_example(int count, char** arguments,
                       Result<void> (*example)(Engine& engine, std::string question),
                       const char* question) {
  if (count < 3 || count > 4) {
    std::fprintf(stderr, "usage: %s ENGINE MODEL [QUESTION]\n", arguments[0]);
    return 2;
  }
  const auto ended = [&]() -> Result<void> {
    const OpenedModel opened = TRY(open(arguments[1], arguments[2]));
    return example(*opened.engine, count == 4 ? arguments[3] : question);
  }();
  if (ended.ok()) return 0;
  std::fprintf(stderr, "%s: %s\nhint: %s\n", std::string(to_string(ended.error().code)).c_str(),
               ended.error().message.c_str(), ended.error().hint.c_str());
  return 1;
}

}  // namespace tenfold
