#include "service/job.h"

#include <fmt/format.h>

#include <random>

namespace tenfold {
namespace {

/// The cause alone: what a worker printed last is for the log, not for the middle of an answer.
std::string cause(const std::string& death) { return death.substr(0, death.find_first_of(";\n")); }

class AnswerJob : public Job {
 public:
  AnswerJob(AnswerTask task, AnswerEvents events, Tally& tally, const ModelHost& host)
      : Job(std::move(task.use), std::move(task.client), true),
        request_(std::move(task.request)),
        events_(std::move(events)),
        tally_(tally),
        host_(host) {
    // A worker that goes on for another has to draw the same numbers.
    if (!request_.sampling.seed) request_.sampling.seed = std::random_device{}();
  }

  std::optional<Error> perform(Engine& engine, const LoadedModel& model,
                               std::optional<std::chrono::milliseconds> time_left) override {
    tell([&] { announce(model); });
    if (told_ && !engine.capabilities().resumes) {
      end(cannot_resume(engine));
      return std::nullopt;
    }
    request_.deadline = time_left;
    auto answer = engine.stream(
        request_, [this](const Delta& delta) { take(delta); },
        {stop.get_token(), [this](const PromptProgress& progress) { follow(progress); }});
    if (!answer.ok()) {
      if (answer.error().code == ErrorCode::engine_died) {
        death_ = std::move(answer.error());
        if (told_ && !engine.capabilities().resumes) end(cannot_resume(engine));
        return death_;
      }
      end(answer.error());
      return std::nullopt;
    }
    finish(std::move(answer).value());
    return std::nullopt;
  }

  void overdue(const Error& error) override { end(error); }

 private:
  void fail_with(const Error& error) override {
    ++tally_.failed;
    tally_.generated_tokens += generated_;
    events_.on_end(error);
  }

  void announce(const LoadedModel& model) {
    if (!std::exchange(begun_, true)) {
      if (events_.on_begin) events_.on_begin(model);
    } else if (events_.on_notice) {
      events_.on_notice(
          {fmt::format("{}; going on with {}", cause(death_->message), model.engine), model});
    }
  }

  /// What it wrote so far is with the user already, and would come again.
  [[nodiscard]] Error cannot_resume(const Engine& engine) const {
    return fail(ErrorCode::engine_died,
                fmt::format("{}; {} cannot go on with an answer that was begun", death_->message,
                            engine.name()),
                "ask again");
  }

  void follow(const PromptProgress& progress) {
    tell([&] {
      if (events_.on_prompt) events_.on_prompt(progress);
    });
  }

  void take(const Delta& delta) {
    told_ = true;
    tally_.streamed_tokens += delta.tokens.size();
    if (!delta.tokens.empty()) tally_.last_token = host_.now().time_since_epoch().count();
    request_.answered.insert(request_.answered.end(), delta.tokens.begin(), delta.tokens.end());
    logprobs_.insert(logprobs_.end(), delta.logprobs.begin(), delta.logprobs.end());
    tell([&] {
      generated_ += delta.tokens.size();
      if (events_.on_delta) events_.on_delta(delta);
    });
  }

  void finish(Answer answer) {
    answer.logprobs = std::move(logprobs_);
    tell_end([&] {
      ++tally_.answered;
      tally_.prompt_tokens += static_cast<std::uint64_t>(answer.usage.prompt_tokens);
      tally_.cached_tokens += static_cast<std::uint64_t>(answer.usage.cached_tokens);
      tally_.generated_tokens += static_cast<std::uint64_t>(answer.usage.generated_tokens);
      events_.on_end(std::move(answer));
    });
  }

  Request request_;  ///< `answered` grows with each delta
  const AnswerEvents events_;
  Tally& tally_;
  const ModelHost& host_;
  std::vector<TokenLogprob> logprobs_;
  std::optional<Error> death_;
  std::uint64_t generated_ = 0;  ///< tokens the user was told of
  bool begun_ = false;
  bool told_ = false;  ///< something of the answer
};

class WorkJob : public Job {
 public:
  WorkJob(WorkTask task, std::function<void(Result<void>)> on_end)
      : Job(std::move(task.use), std::move(task.client), task.counts_as_answer),
        work_(std::move(task.work)),
        on_end_(std::move(on_end)) {}

  std::optional<Error> perform(Engine& engine, const LoadedModel& model,
                               std::optional<std::chrono::milliseconds>) override {
    auto result = work_ ? work_(engine, model, stop.get_token()) : Result<void>();
    if (!result.ok() && result.error().code == ErrorCode::engine_died) return result.error();
    tell_end([&] { on_end_(std::move(result)); });
    return std::nullopt;
  }

  /// What the work uses may go when the end is told, so that has to wait.
  void overdue(const Error&) override {}

 private:
  void fail_with(const Error& error) override { on_end_(error); }

  const std::function<Result<void>(Engine&, const LoadedModel&, std::stop_token)> work_;
  const std::function<void(Result<void>)> on_end_;
};

}  // namespace

std::shared_ptr<Job> make_answer_job(AnswerTask task, AnswerEvents events, Tally& tally,
                                     const ModelHost& host) {
  const auto deadline = task.request.deadline;
  auto job = std::make_shared<AnswerJob>(std::move(task), std::move(events), tally, host);
  if (deadline) job->deadline = host.now() + *deadline;
  return job;
}

std::shared_ptr<Job> make_work_job(WorkTask task, std::function<void(Result<void>)> on_end) {
  return std::make_shared<WorkJob>(std::move(task), std::move(on_end));
}

}  // namespace tenfold
