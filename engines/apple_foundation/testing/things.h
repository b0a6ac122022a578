// What the stand-in for Apple's bridge hands out as references.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "bridge.h"

namespace tenfold::apple_foundation {

using Json = nlohmann::ordered_json;

struct Thing {
  virtual ~Thing() = default;
};
struct Model : Thing {};
struct Prompt : Thing {
  std::string text;
};
struct Content : Thing {
  explicit Content(std::string text) : json(std::move(text)) {}
  std::string json;
};
struct Schema : Thing {
  Json json{{"type", "object"}, {"properties", Json::object()}, {"x-order", Json::array()}};
  std::map<std::string, Json> others;
};
struct Property : Thing {
  std::string name;
  Json json;
  /// What guides are for.
  Json& guided(bool of_items) { return of_items ? json["items"] : json; }
};

/// Lives as long as anything waits for it.
struct ToolState {
  Json parameters;
  ToolCallback function = nullptr;
  unsigned last_call = 0;
  std::mutex mutex;
  std::condition_variable finished;
  std::set<unsigned> waiting;

  /// As the bridge does it, calls are waited for only once they were made: an end that comes before
  /// is lost.
  void call(const std::string& arguments, int times) {
    std::set<unsigned> made;
    for (; times > 0; --times) {
      made.insert(++last_call);
      function(static_cast<Thing*>(new Content(arguments)), last_call);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(8));
    std::unique_lock lock(mutex);
    waiting = std::move(made);
    finished.wait(lock, [&] { return waiting.empty(); });
  }
  void finish(unsigned id) {
    const std::lock_guard lock(mutex);
    waiting.erase(id);
    finished.notify_all();
  }
};
using Tools = std::vector<std::shared_ptr<ToolState>>;
struct BridgedTool : Thing {
  std::shared_ptr<ToolState> state = std::make_shared<ToolState>();
};
struct Session : Thing {
  std::string text;  ///< of all entries
  bool has_results = false;
  std::size_t defined_tools = 0;
  Tools tools;
};
/// A stream or a task. What it started lives on until its last callback.
struct Running : Thing {
  std::shared_ptr<std::atomic<bool>> is_cancelled = std::make_shared<std::atomic<bool>>(false);
  std::string prompt;
  Json options;
  Tools tools;
};
struct Stream : Running {
  ~Stream() override { *is_cancelled = true; }
};

template <typename T>
const T& as(Ref ref) {
  return *static_cast<const T*>(static_cast<const Thing*>(ref));
}

inline Ref give(Thing* thing) { return thing; }

// Held to the prototypes that the engine uses.
extern "C" {
#pragma GCC visibility push(default)
#define TENFOLD_APPLE_DECLARE(result, name, ...) result FM##name(__VA_ARGS__);
TENFOLD_APPLE_FUNCTIONS(TENFOLD_APPLE_DECLARE)
#undef TENFOLD_APPLE_DECLARE
#pragma GCC visibility pop
}

}  // namespace tenfold::apple_foundation
