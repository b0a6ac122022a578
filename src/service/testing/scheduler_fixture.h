// What the tests of the scheduler share.
#pragma once

#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "service/scheduler.h"
#include "service/testing/fake_host.h"

namespace tenfold {

using std::chrono::milliseconds;

/// One answer: what has come so far, and its end.
struct Asked {
  std::string text() {
    const std::lock_guard lock(mutex);
    return streamed;
  }
  /// Waits for the end.
  Result<Answer>& end() {
    auto future = ended.get_future();
    result = future.get();
    return *result;
  }

  std::mutex mutex;
  std::string streamed;              ///< by deltas
  std::vector<std::string> notices;  ///< guarded by end()
  std::optional<LoadedModel> model;  ///< guarded by end()
  std::promise<Result<Answer>> ended;
  std::optional<Result<Answer>> result;
  std::optional<Ticket> ticket;
};

class SchedulerTest : public testing::Test {
 protected:
  void start(SchedulerOptions options = {}) {
    if (options.memory_limit == 0) options.memory_limit = 1000;
    scheduler_ = std::make_unique<Scheduler>(options, host_);
  }

  static AnswerTask task(const std::string& prompt, const std::string& model = "a",
                         const std::string& client = "me") {
    AnswerTask task;
    task.use.model = model;
    task.client = client;
    task.request.prompt = prompt;
    return task;
  }

  /// Submits; a refusal comes as the end.
  std::shared_ptr<Asked> ask(AnswerTask task) {
    auto asked = std::make_shared<Asked>();
    AnswerEvents events;
    events.on_begin = [asked](const LoadedModel& model) { asked->model = model; };
    events.on_delta = [asked](const Delta& delta) {
      const std::lock_guard lock(asked->mutex);
      asked->streamed += delta.text;
    };
    events.on_notice = [asked](const Notice& notice) { asked->notices.push_back(notice.text); };
    events.on_end = [asked](Result<Answer> answer) { asked->ended.set_value(std::move(answer)); };
    auto ticket = scheduler_->submit(std::move(task), std::move(events));
    if (ticket.ok()) {
      asked->ticket = *ticket;
    } else {
      asked->ended.set_value(ticket.error());
    }
    return asked;
  }
  std::shared_ptr<Asked> ask(const std::string& prompt, const std::string& model = "a",
                             const std::string& client = "me") {
    return ask(task(prompt, model, client));
  }

  /// Waits until the condition holds; fails after some seconds.
  template <typename Condition>
  static void until(const Condition& condition) {
    for (int i = 0; i < 10'000; ++i) {
      if (condition()) return;
      std::this_thread::sleep_for(milliseconds(1));
    }
    FAIL() << "it did not happen";
  }

  /// An answer that has begun and keeps its model busy until open(name).
  std::shared_ptr<Asked> occupy(const std::string& name, const std::string& model = "a") {
    auto asked = ask("wait " + name, model);
    until([&] { return asked->text() == "w0 "; });
    return asked;
  }

  [[nodiscard]] std::optional<ModelStatus> model_status(const std::string& model) const {
    for (const ModelStatus& status : scheduler_->status().models) {
      if (status.model.name == model) return status;
    }
    return std::nullopt;
  }

  std::shared_ptr<FakeHost> host_ = std::make_shared<FakeHost>();
  std::unique_ptr<Scheduler> scheduler_;
};

}  // namespace tenfold
