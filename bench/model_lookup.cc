// What naming a model costs a request, in a store of 200 models: the store opened and checked for
// each, and kept open as the server does.
//   model_lookup [REQUESTS]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <vector>

#include "models/place.h"
#include "models/store.h"

namespace {

using namespace tenfold;
using Clock = std::chrono::steady_clock;

constexpr int models = 200;

std::string name_of(int number) { return fmt::format("model-{}", number % models); }

Result<void> fill() {
  ModelStore store = TRY(ModelStore::open());
  for (int i = 0; i < models; ++i) {
    StoredModel model;
    model.name = name_of(i);
    model.format = "gguf";
    model.path = models_folder() / (model.name + ".gguf");
    model.files = {{model.path, 1, std::string(64, '0'), 0}};
    TRY(store.add(model));
  }
  return {};
}

Result<void> measure(
    const char* what, int requests,
    const std::function<Result<std::optional<StoredModel>>(const std::string&)>& find) {
  std::vector<double> milliseconds;
  for (int i = 0; i < requests; ++i) {
    const std::string name = name_of(i);
    const auto start = Clock::now();
    TRY(find(name));
    milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::ranges::sort(milliseconds);
  fmt::print("{:<24} median {:.3f} ms, 99 % within {:.3f} ms\n", what,
             milliseconds[milliseconds.size() / 2], milliseconds[milliseconds.size() * 99 / 100]);
  return {};
}

Result<void> run(int requests) {
  TRY(fill());
  TRY(measure("opened for each", requests, [](const std::string& name) {
    return [&]() -> Result<std::optional<StoredModel>> {
      ModelStore store = TRY(ModelStore::open());
      return store.find(name);
    }();
  }));
  ModelStore shared;
  return measure("kept open", requests,
                 [&shared](const std::string& name) { return shared.find(name); });
}

}  // namespace

int main(int count, char** arguments) {
  std::string home = (std::filesystem::temp_directory_path() / "tenfold-lookup-XXXXXX").string();
  if (::mkdtemp(home.data()) == nullptr) return 1;
  ::setenv("TENFOLD_HOME", home.c_str(), 1);
  const auto done = run(count > 1 ? std::atoi(arguments[1]) : 1000);
  std::filesystem::remove_all(home);
  if (!done.ok()) fmt::print(stderr, "{}\n", done.error().message);
  return done.ok() ? 0 : 1;
}
