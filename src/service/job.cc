#include "service/job.h"

#include <fmt/format.h>

#include <random>

namespace tenfold {
namespace {

std::uint64_t random_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

/// The first line: what a worker printed last is for the log, not for the middle of an answer.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

class AnswerJob : public Job {
 public:
  AnswerJob(AnswerTask task, AnswerEvents events, Tally& tally, const ModelHost& host)
      : Job(std::move(task.use), std::move(task.client)),
        request_(std::move(task.request)),
        events_(std::move(events)),
        tally_(tally),
        host_(host) {
    // A worker that goes on for another has to draw the same numbers.
    if (!request_.sampling.seed) request_.sampling.seed = random_seed();
  }

  std::optional<Error> perform(Engine& engine, const LoadedModel& model,
                               std::optional<std::chrono::milliseconds> time_left) override {
    announce(model);
    request_.deadline = time_left;
    auto answer = engine.stream(
        request_, [this](const Delta& delta) { take(delta); }, stop.get_token());
    if (!answer.ok()) {
      if (answer.error().code == ErrorCode::engine_died) return death_ = std::move(answer.error());
      end(answer.error());
      return std::nullopt;
    }
    finish(std::move(answer).value());
    return std::nullopt;
  }

  void end(const Error& error) override {
    ++tally_.failed;
    tally_.generated_tokens += request_.answered.size();
    events_.on_end(error);
  }

 private:
  void announce(const LoadedModel& model) {
    if (!std::exchange(begun_, true)) {
      if (events_.on_begin) events_.on_begin(model);
    } else if (events_.on_notice) {
      events_.on_notice(
          {fmt::format("{}; going on with {}", first_line(death_->message), model.engine), model});
    }
  }

  void take(const Delta& delta) {
    if (!delta.tokens.empty()) tally_.last_token = host_.now().time_since_epoch().count();
    request_.answered.insert(request_.answered.end(), delta.tokens.begin(), delta.tokens.end());
    logprobs_.insert(logprobs_.end(), delta.logprobs.begin(), delta.logprobs.end());
    if (events_.on_delta) events_.on_delta(delta);
  }

  void finish(Answer answer) {
    answer.logprobs = std::move(logprobs_);
    ++tally_.answered;
    tally_.prompt_tokens += static_cast<std::uint64_t>(answer.usage.prompt_tokens);
    tally_.cached_tokens += static_cast<std::uint64_t>(answer.usage.cached_tokens);
    tally_.generated_tokens += static_cast<std::uint64_t>(answer.usage.generated_tokens);
    events_.on_end(std::move(answer));
  }

  Request request_;  ///< `answered` grows with each delta
  const AnswerEvents events_;
  Tally& tally_;
  const ModelHost& host_;
  std::vector<TokenLogprob> logprobs_;
  std::optional<Error> death_;
  bool begun_ = false;
};

class WorkJob : public Job {
 public:
  WorkJob(WorkTask task, std::function<void(Result<void>)> on_end)
      : Job(std::move(task.use), std::move(task.client)),
        work_(std::move(task.work)),
        on_end_(std::move(on_end)) {}

  std::optional<Error> perform(Engine& engine, const LoadedModel& model,
                               std::optional<std::chrono::milliseconds>) override {
    auto result = work_ ? work_(engine, model, stop.get_token()) : Result<void>();
    if (!result.ok() && result.error().code == ErrorCode::engine_died) return result.error();
    on_end_(std::move(result));
    return std::nullopt;
  }

  void end(const Error& error) override { on_end_(error); }

 private:
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
