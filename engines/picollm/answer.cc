#include "answer.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/machine.h"
#include "base/thread.h"

namespace tenfold::picollm {
namespace {

using Clock = Interruption::Clock;

/// How long until an answer that does not end is interrupted again: the library forgets an
/// interruption that comes before it has begun.
constexpr std::chrono::milliseconds interrupt_again{20};

double seconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// The library's generate() on a thread of its own.
class Loop {
 public:
  Loop(Model& model, const CompletionRequest& request) : model_(model), request_(request) {}

  Result<void> start() {
    thread_ = TRY(start_thread(
        [this] {
          end(barrier("picoLLM",
                      [&] { return model_.generate(request_, [&](auto text) { give(text); }); }));
        },
        [this](const Error& error) { end(error); }));
    return {};
  }

  ~Loop() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      is_unwanted_ = true;
      changed_.notify_all();
    }
    while (next([] { return true; })) taken();
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// The next piece of text, which stays until taken(); nothing once the loop has ended. While
  /// `is_stopped` says so, the library is told to end.
  template <typename IsStopped>
  std::optional<std::string> next(const IsStopped& is_stopped, std::stop_token stop = {}) {
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return piece_ || result_; };
    while (true) {
      if (!is_stopped()) {
        changed_.wait(lock, stop, ready);
        if (ready()) break;
        continue;
      }
      if (ready()) break;
      lock.unlock();
      model_.interrupt();
      lock.lock();
      changed_.wait_for(lock, interrupt_again, ready);
      if (ready()) break;
    }
    return piece_;
  }

  /// Lets the library go on.
  void taken() {
    const std::lock_guard lock(mutex_);
    piece_.reset();
    changed_.notify_all();
  }

  /// Of a loop that has ended.
  [[nodiscard]] const Result<Completion>& result() const { return *result_; }

 private:
  void give(std::string_view text) {
    std::unique_lock lock(mutex_);
    if (is_unwanted_) return;
    piece_ = std::string(text);
    changed_.notify_all();
    changed_.wait(lock, [this] { return !piece_; });
  }

  void end(Result<Completion> result) {
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
    changed_.notify_all();
  }

  Model& model_;
  const CompletionRequest& request_;
  std::mutex mutex_;  ///< guards everything below
  std::condition_variable_any changed_;
  std::optional<std::string> piece_;
  std::optional<Result<Completion>> result_;
  bool is_unwanted_ = false;
  std::jthread thread_;  ///< last: the others outlive it
};

class Telling {
 public:
  Telling(const Question& question, const OnDelta& on_delta)
      : question_(question),
        on_delta_(on_delta),
        stream_(question.completion.stop,
                question.split_reasoning ? std::optional(ReasoningSplitter(ends_in_open_thought(
                                               question.completion.prompt, usual_thought_form())))
                                         : std::nullopt) {}

  void add(std::string_view text) {
    told_ += text;
    tell(stream_.push(text), {});
  }

  /// What the whole text has beyond the pieces, and what is known at the end only.
  void finish(const Completion& completion) {
    if (std::string_view(completion.text).starts_with(told_)) {
      add(std::string_view(completion.text).substr(told_.size()));
    }
    std::vector<TokenLogprob> logprobs;
    if (question_.logprobs) {
      logprobs = completion.tokens;
      for (TokenLogprob& token : logprobs) {
        std::ranges::stable_sort(token.top, std::greater(), &TokenLogprob::logprob);
        if (token.top.size() > static_cast<std::size_t>(*question_.logprobs)) {
          token.top.resize(static_cast<std::size_t>(*question_.logprobs));
        }
      }
    }
    tell(stream_.finish(), std::move(logprobs));
    answer_.stop_string = stream_.stop_string().value_or("");
  }

  [[nodiscard]] bool has_stopped() const { return stream_.stop_string().has_value(); }
  Answer& answer() { return answer_; }

 private:
  void tell(AnswerStream::Parts parts, std::vector<TokenLogprob> logprobs) {
    if (parts.text.empty() && parts.reasoning.empty() && logprobs.empty()) return;
    answer_.text += parts.text;
    answer_.reasoning += parts.reasoning;
    answer_.logprobs.insert(answer_.logprobs.end(), logprobs.begin(), logprobs.end());
    if (!on_delta_) return;
    Delta delta;
    delta.text = std::move(parts.text);
    delta.reasoning = std::move(parts.reasoning);
    delta.logprobs = std::move(logprobs);
    on_delta_(delta);
  }

  const Question& question_;
  const OnDelta& on_delta_;
  AnswerStream stream_;
  std::string told_;
  Answer answer_;
};

FinishReason finish_reason(const Completion& completion, const Question& question,
                           const Interruption& interruption, bool has_stopped) {
  if (has_stopped) return FinishReason::stop_string;
  switch (completion.endpoint) {
    case Endpoint::token_limit:
      return completion.counts.completion >= question.max_tokens.value_or(INT32_MAX)
                 ? FinishReason::length
                 : FinishReason::context_full;
    case Endpoint::stop_phrase:
      return FinishReason::stop_string;
    case Endpoint::interrupted:
      return interruption.reason().value_or(FinishReason::cancelled);
    case Endpoint::end_of_sentence:
      break;
  }
  return FinishReason::stop;
}

}  // namespace

Result<Answer> run_answer(Model& model, const Question& question, const Interruption& interruption,
                          const OnDelta& on_delta, const OnPrompt& on_prompt,
                          Clock::time_point start) {
  PromptProgress progress{0, question.prompt_tokens, 0};
  if (on_prompt) on_prompt(progress);
  Telling telling(question, on_delta);
  std::optional<Clock::time_point> first;
  Clock::time_point last = Clock::now();
  Loop loop(model, question.completion);
  TRY(loop.start());
  const auto is_stopped = [&] { return telling.has_stopped() || interruption.reason(); };
  while (const auto text = loop.next(is_stopped, interruption.token())) {
    last = Clock::now();
    if (!first) {
      first = last;
      progress.read = progress.total;
      if (on_prompt) on_prompt(progress);
    }
    telling.add(*text);
    if (is_stopped()) model.interrupt();
    loop.taken();
  }
  const Completion completion = TRY(loop.result());
  telling.finish(completion);
  Answer& answer = telling.answer();
  answer.finish = finish_reason(completion, question, interruption, telling.has_stopped());
  answer.seed = static_cast<std::uint64_t>(question.completion.seed);
  answer.usage.prompt_tokens = completion.counts.prompt;
  answer.usage.generated_tokens = completion.counts.completion;
  answer.usage.ttft_seconds = seconds(start, first.value_or(last));
  answer.usage.prefill_seconds = answer.usage.ttft_seconds;
  answer.usage.decode_seconds = first ? seconds(*first, last) : 0;
  answer.usage.peak_memory_bytes = peak_memory_bytes();
  return std::move(answer);
}

}  // namespace tenfold::picollm
